//! How long JSONPath takes: compiling, direct paths, filters, deep scans, and putting a value by Reference Path.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use stepwell::json::Value;
use stepwell::query::ReferencePath;
use stepwell::query::jsonpath::JsonPath;

const STORE: &str = r#"{
    "store": {
        "book": [
            {"category": "reference", "author": "Nigel Rees", "title": "Sayings", "price": 8.95, "tags": ["a", "b"]},
            {"category": "fiction", "author": "Evelyn Waugh", "title": "Sword", "price": 12.99, "tags": []},
            {"category": "fiction", "author": "Melville", "title": "Moby Dick", "isbn": "0-553", "price": 8.99},
            {"category": "fiction", "author": "Tolkien", "title": "LOTR", "isbn": "0-395", "price": 22.99}
        ],
        "bicycle": {"color": "red", "price": 19.95}
    },
    "expensive": 10,
    "arr": [1, 2, 3, 4, 5],
    "nested": [[1, 2], [3, 4], [5]],
    "users": [
        {"name": "ann", "status": 0, "age": 30},
        {"name": "bob", "status": 1, "age": 20},
        {"name": "cy", "status": 0}
    ],
    "obj": {"x": 1, "y": "s", "z": null, "t": true}
}"#;

fn jsonpath(criterion: &mut Criterion) {
    let store = Value::parse(STORE).expect("valid JSON");
    let items = (0..1000i64).map(|i| Value::object([("id", i.into()), ("v", (i % 7).into())])).collect::<Vec<_>>();
    let items = Value::object([("items", Value::array(items))]);

    let rows = [
        ("$.obj.x", &store),
        ("$.store.book[2].title", &store),
        ("$.obj.missing", &store),
        ("$.users[?(@.status == 0)].name", &store),
        ("$.store.book[?(@.author =~ /.*rees/i)]", &store),
        ("$..price", &store),
        ("$..*", &store),
        ("$.items[?(@.v == 3)]", &items),
        ("$.items[*].id", &items),
    ];
    for (text, document) in rows {
        let path = JsonPath::compile(text).expect("a path");
        criterion.bench_function(text, |bencher| bencher.iter(|| path.evaluate(black_box(document))));
    }
    criterion.bench_function("compile a filter", |bencher| {
        bencher.iter(|| JsonPath::compile(black_box("$.users[?(@.status == 0)].name")));
    });
    let place = ReferencePath::compile("$.store.bicycle.price").expect("a Reference Path");
    criterion.bench_function("put", |bencher| bencher.iter(|| place.put(black_box(&store), Value::from(1))));
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(std::time::Duration::from_secs(1))
        .warm_up_time(std::time::Duration::from_millis(300)).sample_size(50).without_plots();
    targets = jsonpath
}
criterion_main!(benches);
