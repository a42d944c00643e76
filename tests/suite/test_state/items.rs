//! Where a tested Map state has its items from, and how they come to its iterations.

use super::{mock, request, tested};
use crate::server::Server;
use serde_json::{Value, json};

#[tokio::test]
async fn an_item_reader_reads_what_is_given() {
    let server = Server::start().await;
    let iterations = json!({"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}});
    let unreadable = |cause: &str| Err(("States.ItemReaderFailed", cause.to_owned()));
    let rows = |more: Value| {
        let mut config = json!({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"});
        config.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        config
    };
    for (config, data, expected) in [
        (json!({"InputType": "JSON"}), r#"[1, {"a": 2}]"#, Ok(json!([{"v": 1}, {"v": {"a": 2}}]))),
        (json!({"InputType": "JSONL"}), "1\n{\"a\": 2}\n", Ok(json!([{"v": 1}, {"v": {"a": 2}}]))),
        (json!({"InputType": "JSON", "MaxItems": 1}), "[1, 2]", Ok(json!([{"v": 1}]))),
        (json!({"InputType": "JSON", "ItemsPointer": "/a/0"}), r#"{"a": [[3]]}"#, Ok(json!([{"v": 3}]))),
        (json!({"InputType": "JSON"}), "{}", unreadable("Attempting to map over non-iterable node.")),
        (
            rows(json!({})),
            "a,b\n1,\"x,y\"\n2\n",
            Ok(json!([{"v": {"a": "1", "b": "x,y"}}, {"v": {"a": "2", "b": ""}}])),
        ),
        (
            rows(json!({"CSVDelimiter": "PIPE", "MaxItems": 1})),
            "a|b\n1|2\n3|4",
            Ok(json!([{"v": {"a": "1", "b": "2"}}])),
        ),
        (
            rows(json!({"CSVHeaderLocation": "GIVEN", "CSVHeaders": ["h"]})),
            "1\n2",
            Ok(json!([{"v": {"h": "1"}}, {"v": {"h": "2"}}])),
        ),
        (
            rows(json!({"CSVHeaderLocation": "GIVEN", "CSVHeaders": ["h", "h"]})),
            "1,2",
            unreadable("CSV headers cannot contain duplicates."),
        ),
        (json!({"InputType": "JSON", "MaxItemsPath": "$.two"}), "[1, 2, 3]", Ok(json!([{"v": 1}, {"v": 2}]))),
        (json!({"InputType": "JSON", "MaxItemsPath": "$.none"}), "[1]", Ok(json!([{"v": 1}]))),
        (json!({"InputType": "JSON", "MaxItemsPath": "$.less"}), "[1]", unreadable("field MaxItems must be positive")),
    ] {
        let definition = json!({"Type": "Map", "ItemSelector": {"v.$": "$$.Map.Item.Value"}, "End": true, "ItemProcessor": iterations,
            "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config,
                           "Parameters": {"Bucket": "b", "Key": "k"}}});
        let request = json!({"definition": definition, "mock": mock(json!([1, 2])), "inspectionLevel": "DEBUG",
            "input": {"two": 2, "none": 0, "less": -1}, "stateConfiguration": {"mapItemReaderData": data}});
        let answer = tested(&server, request).await;
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        match expected {
            Ok(selected) => assert_eq!(answer["inspectionData"]["afterItemSelector"], selected, "{config}"),
            Err((error, cause)) => assert_eq!((text("error"), text("cause")), (error, cause.as_str()), "{config}"),
        }
    }
}

#[tokio::test]
async fn an_item_reader_speaks_jsonata() {
    let server = Server::start().await;
    let not_a_pointer = r#"JSON Pointer expression must start with '/': "list""#;
    for (pointer, most, expected) in [
        ("{% $states.input.at %}", json!("{% 1 + 1 %}"), Ok(json!([1, 2]))),
        ("/list", json!("{% $most %}"), Ok(json!([1]))),
        ("/list", json!("{% -1 %}"), Err(("States.ItemReaderFailed", "field MaxItems must be positive"))),
        ("{% 'list' %}", json!(1), Err(("States.ItemReaderFailed", not_a_pointer))),
    ] {
        let definition = json!({"Type": "Map", "QueryLanguage": "JSONata", "End": true,
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                              "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}},
            "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "{% $states.input.at %}"},
                           "ReaderConfig": {"InputType": "JSON", "ItemsPointer": pointer, "MaxItems": most}}});
        let request = json!({"definition": definition, "mock": mock(json!([1])), "inspectionLevel": "DEBUG",
            "input": {"at": "/list"}, "variables": {"most": 1},
            "stateConfiguration": {"mapItemReaderData": r#"{"list": [1, 2, 3]}"#}});
        let answer = tested(&server, request).await;
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        match expected {
            Ok(items) => assert_eq!(answer["inspectionData"]["afterItemsPointer"], items, "{pointer} {most}"),
            Err(failure) => assert_eq!((text("error"), text("cause")), failure, "{pointer} {most}"),
        }
    }
}

#[tokio::test]
async fn listed_objects_are_items_or_have_them() {
    let server = Server::start().await;
    let listing =
        json!([{"Etag": "\"e\"", "LastModified": 1, "Key": "k", "Size": 3, "StorageClass": "STANDARD"}, {"Key": "l"}]);
    for (config, data, items) in [
        (Value::Null, listing.to_string(), listing.clone()),
        (json!({"MaxItems": 1}), listing.to_string(), json!([listing[0]])),
        (json!({"InputType": "JSON", "Transformation": "NONE"}), listing.to_string(), listing.clone()),
        (json!({"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}), "1\n2".to_owned(), json!([1, 2])),
    ] {
        let mut reader = json!({"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}});
        if !config.is_null() {
            reader["ReaderConfig"] = config.clone();
        }
        let definition = json!({"Type": "Map", "End": true, "ItemReader": reader, "ItemSelector": {"v.$": "$$.Map.Item.Value"},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                              "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}});
        let request = json!({"definition": definition, "mock": mock(json!([1])), "inspectionLevel": "DEBUG",
            "stateConfiguration": {"mapItemReaderData": data}});
        let selected: Vec<Value> = items.as_array().expect("an array").iter().map(|item| json!({"v": item})).collect();
        assert_eq!(tested(&server, request).await["inspectionData"]["afterItemSelector"], json!(selected), "{config}");
    }
}

#[tokio::test]
async fn without_what_an_item_reader_reads_the_input_has_the_items() {
    let server = Server::start().await;
    let not_an_array = r#"Reference path "$.orders" must point to array."#;
    for (fields, config, input, expected) in [
        (json!({"ItemsPath": "$.orders"}), Value::Null, json!({"orders": [1, 2]}), Ok(json!([{"v": 1}, {"v": 2}]))),
        (json!({}), json!({"InputType": "JSON"}), json!([3]), Ok(json!([{"v": 3}]))),
        (json!({}), json!({"InputType": "JSON", "MaxItems": 1}), json!([3, 4]), Ok(json!([{"v": 3}]))),
        (
            json!({}),
            json!({"InputType": "JSON", "ItemsPointer": "/a", "MaxItems": 1}),
            json!({"a": [4, 5]}),
            Ok(json!([{"v": 4}])),
        ),
        (json!({"ItemsPath": "$.orders"}), Value::Null, json!({"orders": {}}), Err(not_an_array)),
    ] {
        let mut definition = json!({"Type": "Map", "End": true, "ItemSelector": {"v.$": "$$.Map.Item.Value"},
            "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                              "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}});
        definition.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        if !config.is_null() {
            definition["ItemReader"]["ReaderConfig"] = config;
        }
        let request =
            json!({"definition": definition, "input": input, "mock": mock(json!([1])), "inspectionLevel": "DEBUG"});
        let answer = tested(&server, request).await;
        match expected {
            Ok(selected) => assert_eq!(answer["inspectionData"]["afterItemSelector"], selected, "{input}"),
            Err(cause) => {
                assert_eq!((&answer["status"], &answer["cause"]), (&json!("FAILED"), &json!(cause)), "{input}")
            }
        }
    }
}

#[tokio::test]
async fn an_item_selector_sees_where_items_come_from() {
    let server = Server::start().await;
    let reader = |call: &str, config: Value| {
        json!({"ItemReader": {"Resource": format!("arn:aws:states:::s3:{call}"), "ReaderConfig": config,
            "Parameters": {"Bucket": "b", "Key.$": "$[0]"}}})
    };
    let json_file = json!({"InputType": "JSON"});
    for (mode, fields, source) in [
        ("INLINE", json!({}), None),
        ("DISTRIBUTED", json!({}), Some("STATE_DATA")),
        ("DISTRIBUTED", reader("getObject", json_file.clone()), Some("S3://b/k")),
        ("DISTRIBUTED", reader("listObjectsV2", json!({})), Some("S3://b")),
        (
            "DISTRIBUTED",
            reader("listObjectsV2", json!({"InputType": "PARQUET", "Transformation": "LOAD_AND_FLATTEN"})),
            None,
        ),
    ] {
        let mut config = json!({"Mode": mode});
        if mode == "DISTRIBUTED" {
            config["ExecutionType"] = json!("STANDARD");
        }
        let mut definition = json!({"Type": "Map", "End": true, "ItemSelector": {"all.$": "$$.Map.Item"},
            "ItemProcessor": {"ProcessorConfig": config, "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}});
        definition.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        let request =
            json!({"definition": definition, "input": ["k"], "mock": mock(json!([1])), "inspectionLevel": "DEBUG"});
        let seen = tested(&server, request).await["inspectionData"]["afterItemSelector"][0]["all"].clone();
        let mut expected = json!({"Index": 0, "Value": "k"});
        if let Some(source) = source {
            expected["Source"] = json!(source);
        }
        assert_eq!(seen, expected, "{mode} {fields}");
    }
}

#[tokio::test]
async fn what_an_item_reader_cant_read_yet_is_named() {
    let server = Server::start().await;
    let rows = json!({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"});
    for (call, config, named) in [
        ("getObject", json!({"InputType": "PARQUET"}), "InputType PARQUET"),
        ("getObject", json!({"InputType": "MANIFEST"}), "InputType MANIFEST"),
        ("getObject", json!({"ManifestType": "S3_INVENTORY"}), "ManifestType S3_INVENTORY"),
        ("getObject", json!({"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}), "ManifestType ATHENA_DATA"),
        ("getObject", json!({}), "an ItemReader without InputType"),
        (
            "getObject",
            json!({"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}),
            "Transformation LOAD_AND_FLATTEN of s3:getObject",
        ),
        (
            "listObjectsV2",
            json!({}),
            "s3:listObjectsV2 that is no array of objects with Key, Etag, LastModified, Size and StorageClass",
        ),
        ("listObjectsV2", json!({"InputType": "PARQUET", "Transformation": "LOAD_AND_FLATTEN"}), "InputType PARQUET"),
        ("listObjectsV2", json!({"ItemsPointer": "/a"}), "ItemsPointer of s3:listObjectsV2"),
        ("getObject", rows, "CSV with a quotation mark within a field in line 2"),
    ] {
        let definition = json!({"Type": "Map", "End": true,
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                              "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}},
            "ItemReader": {"Resource": format!("arn:aws:states:::s3:{call}"), "ReaderConfig": config,
                           "Parameters": {"Bucket": "b"}}});
        let members = json!({"definition": definition, "mock": mock(json!([1])),
            "stateConfiguration": {"mapItemReaderData": "a\n5\" nail"}});
        let answer = server.call("TestState", request(members)).await;
        let expected = format!("NotImplemented: Stepwell does not implement mapItemReaderData for {named} yet");
        assert_eq!(answer.error(), expected);
    }
}

#[tokio::test]
async fn items_are_batched() {
    let server = Server::start().await;
    let definition = json!({"Type": "Map", "End": true, "ItemsPath": "$.list",
        "ItemBatcher": {"MaxItemsPerBatchPath": "$.most", "BatchInput": {"of.$": "$.most"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                          "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}});
    let request = json!({"definition": definition, "input": {"list": [1, 2, 3], "most": 2}, "mock": mock(json!([1, 2])),
        "inspectionLevel": "DEBUG"});
    let expected = json!([{"BatchInput": {"of": 2}, "Items": [1, 2]}, {"BatchInput": {"of": 2}, "Items": [3]}]);
    assert_eq!(tested(&server, request).await["inspectionData"]["afterItemBatcher"], expected);
    let by = |batcher: Value| {
        let definition = json!({"Type": "Map", "End": true, "QueryLanguage": "JSONata", "ItemBatcher": batcher,
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                              "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}});
        json!({"definition": definition, "input": [1, 2, 3], "mock": mock(json!([1, 2])), "inspectionLevel": "DEBUG"})
    };
    let batched = tested(&server, by(json!({"MaxItemsPerBatch": "{% 2 %}"}))).await;
    assert_eq!(batched["inspectionData"]["afterItemBatcher"], json!([{"Items": [1, 2]}, {"Items": [3]}]));
    for (field, none) in
        [("MaxItemsPerBatch", json!(0)), ("MaxItemsPerBatch", json!("{% 0 %}")), ("MaxInputBytesPerBatch", json!(0))]
    {
        let refused = tested(&server, by(json!({field: none}))).await;
        let cause = refused["cause"].as_str().expect("a cause");
        assert_eq!(refused["error"], "States.Runtime");
        assert!(cause.contains(&format!("Stepwell does not support a {field} of 0")), "{cause}");
    }
}
