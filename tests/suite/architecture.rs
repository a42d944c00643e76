//! Holds what `docs/architecture.md` promises: who may import whom, and what the core doesn't know.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Imported by all modules; each imports only those before it.
const FOUNDATION: [&str; 14] = [
    "quota",
    "random",
    "timestamp",
    "header",
    "honesty",
    "partition",
    "arn",
    "json",
    "endpoint",
    "failure",
    "items",
    "service_model",
    "connections",
    "config",
];

/// What each other module may import besides the foundation. The table of `docs/architecture.md` says the same.
const MAY_IMPORT: [(&str, &[&str]); 16] = [
    ("query", &[]),
    ("asl", &["query"]),
    ("history", &[]),
    ("mocks", &["query"]),
    ("interpreter", &["asl", "query", "history", "mocks"]),
    ("protocol", &[]),
    ("registry", &["asl"]),
    ("clock", &[]),
    ("integrations", &["interpreter"]),
    ("logging", &["history", "registry", "integrations"]),
    ("engine", &["interpreter", "history", "registry", "integrations", "logging", "clock", "asl"]),
    (
        "emulator",
        &["engine", "registry", "integrations", "logging", "clock", "interpreter", "history", "asl", "protocol"],
    ),
    ("operations", &["emulator", "engine", "integrations", "registry", "asl", "history", "mocks", "protocol"]),
    ("server", &["operations", "emulator", "engine", "registry", "history", "clock", "protocol"]),
    ("cli", &[]),
    (
        "main",
        &[
            "cli",
            "server",
            "operations",
            "emulator",
            "engine",
            "registry",
            "integrations",
            "logging",
            "clock",
            "mocks",
            "protocol",
        ],
    ),
];

/// Macros stand at the root of the crate whatever module they come from.
const MACROS: [(&str, &str); 3] = [("shape", "protocol"), ("answer", "protocol"), ("words", "protocol")];

/// The modules of the synchronous core, and what must not stand in their code.
const CORE: [&str; 12] = [
    "partition",
    "json",
    "query",
    "asl",
    "history",
    "interpreter",
    "service_model",
    "mocks",
    "items",
    "connections",
    "header",
    "honesty",
];
const NOT_IN_THE_CORE: [&str; 12] = [
    "async ",
    ".await",
    "tokio",
    "hyper",
    "axum",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "SystemTime",
    "Instant",
    "Utc::now",
];

#[test]
fn modules_import_only_what_the_table_allows() {
    let mut complaints = String::new();
    for source in sources() {
        let module = source.module.first().map_or("lib", String::as_str);
        let allowed = match MAY_IMPORT.iter().find(|(name, _)| *name == module) {
            Some((_, allowed)) => *allowed,
            None if module == "lib" || FOUNDATION.contains(&module) => &[],
            None => {
                let _ = writeln!(complaints, "{}: the module `{module}` is not in the table", source.path.display());
                continue;
            }
        };
        for (line, imported) in references(&source) {
            let name = imported.split("::").next().unwrap_or_default();
            let name = MACROS.iter().find(|(a_macro, _)| *a_macro == name).map_or(name, |(_, home)| *home);
            let place = format!("{}:{line}", source.path.display());
            let place_of = |name: &str| FOUNDATION.iter().position(|other| *other == name);
            match (place_of(name), place_of(module)) {
                _ if name == module => continue,
                (Some(imported), Some(importing)) if imported > importing => {
                    let _ = writeln!(complaints, "{place}: `{name}` doesn't stand before `{module}` in the foundation");
                    continue;
                }
                (Some(_), _) => continue,
                (None, _) => {}
            }
            if !allowed.contains(&name) {
                let _ = writeln!(
                    complaints,
                    "{place}: `{module}` may not import `{name}`, only the foundation{}",
                    allowed.iter().map(|name| format!(", `{name}`")).collect::<String>()
                );
            } else if module == "integrations" && imported != "interpreter::invocation" {
                let _ = writeln!(
                    complaints,
                    "{place}: `integrations` may import `interpreter::invocation` only, not `{imported}`"
                );
            }
        }
    }
    assert!(complaints.is_empty(), "the import table is not kept:\n{complaints}");
}

#[test]
fn the_core_neither_waits_nor_asks_the_system() {
    let mut complaints = String::new();
    for source in sources().iter().filter(|source| CORE.contains(&source.module.first().map_or("", String::as_str))) {
        for (number, line) in source.lines() {
            for word in NOT_IN_THE_CORE.iter().filter(|word| line.contains(**word)) {
                let _ = writeln!(complaints, "{}:{number}: `{}` in the core", source.path.display(), word.trim());
            }
        }
    }
    assert!(complaints.is_empty(), "the core is synchronous and knows neither time nor I/O:\n{complaints}");
}

#[test]
fn the_table_of_the_documentation_is_this_one() {
    let text = fs::read_to_string(root().join("docs/architecture.md")).expect("docs/architecture.md");
    let foundation = text.lines().find(|line| line.starts_with("The foundation"));
    let foundation: Vec<&str> = foundation.unwrap_or_default().split('`').skip(1).step_by(2).collect();
    assert_eq!(foundation, FOUNDATION);
    for (module, allowed) in MAY_IMPORT.iter().filter(|(module, _)| *module != "main") {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{module}`")));
        let row = row.unwrap_or_else(|| panic!("docs/architecture.md has no row for `{module}`"));
        let cell = row.split('|').nth(3).unwrap_or_default();
        let mut listed: Vec<&str> =
            cell.split('`').skip(1).step_by(2).map(|n| n.split("::").next().unwrap_or(n)).collect();
        let mut allowed = allowed.to_vec();
        listed.sort_unstable();
        allowed.sort_unstable();
        assert_eq!(listed, allowed, "docs/architecture.md, row `{module}`");
    }
}

/// A file of the program.
struct Source {
    path: PathBuf,
    /// `["query", "jsonpath"]`
    module: Vec<String>,
    text: String,
}

impl Source {
    /// Numbered lines of code: without comments, and without the tests at the end.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = self.text.lines().take_while(|line| !line.trim_start().starts_with("#[cfg(test)]"));
        code.enumerate().map(|(i, line)| (i + 1, line.split("//").next().unwrap_or_default()))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.extend(source(&path));
            }
        }
    }
    assert!(found.len() > 10, "the sources were not found");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Nothing for files that only hold tests.
fn source(path: &Path) -> Option<Source> {
    let relative = path.strip_prefix(root()).expect("a file of this package");
    let inside = relative.strip_prefix("src").expect("a source").with_extension("");
    let mut module: Vec<String> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.iter().any(|part| part == "tests") {
        return None;
    }
    if module.last().is_some_and(|last| last == "mod" || (module.len() == 1 && last == "lib")) {
        module.pop();
    }
    Some(Source { path: relative.to_owned(), module, text: fs::read_to_string(path).expect("a text") })
}

/// Paths from the root of the crate that a file names, with the numbers of their lines.
fn references(source: &Source) -> Vec<(usize, String)> {
    let code: Vec<(usize, &str)> = source.lines().collect();
    let joined: String = code.iter().fold(String::new(), |joined, (_, line)| joined + line + "\n");
    let depth = source.module.len();
    let root = if source.module == ["main"] { "stepwell::".to_owned() } else { "crate::".to_owned() };
    let mut found = Vec::new();
    for start in [root, "super::".repeat(depth.max(1))] {
        for (at, _) in joined.match_indices(&start) {
            let before = joined[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let line = joined[..at].matches('\n').count() + 1;
            found.extend(paths(&joined[at + start.len()..]).into_iter().map(|path| (line, path)));
        }
    }
    found
}

/// `a::B` or the paths in `{a::B, c::{d, e}}`, to the depth of two names.
fn paths(text: &str) -> Vec<String> {
    let Some(group) = text.strip_prefix('{') else {
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
        let names: Vec<&str> = text[..end].split("::").filter(|name| !name.is_empty()).take(2).collect();
        return if names.is_empty() { vec![] } else { vec![names.join("::")] };
    };
    let mut found = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (i, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.extend(paths(group[start..i].trim()));
                start = i + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn references_are_found_wherever_they_hide() {
    let source = |module: &str, text: &str| Source {
        path: PathBuf::new(),
        module: module.split("::").map(str::to_owned).collect(),
        text: text.to_owned(),
    };
    for (module, text, expected) in [
        ("asl", "use crate::json::Value;", &["json::Value"][..]),
        ("asl::parse", "use crate::{json::Value,\n query::{Path, Template}, arn};", &["json::Value", "query", "arn"]),
        ("asl::parse", "let x = crate::engine::Engine; // crate::server", &["engine::Engine"]),
        ("asl", "use super::engine::Engine;", &["engine::Engine"]),
        ("asl::parse", "use super::program::Program; use super::super::engine::Engine;", &["engine::Engine"]),
        ("main", "use stepwell::cli::{self, Command};", &["cli"]),
        ("asl", "/// [`crate::engine`]\nuse mycrate::x;\n#[cfg(test)]\nmod tests { use crate::server; }", &[]),
    ] {
        let found: Vec<String> = references(&source(module, text)).into_iter().map(|(_, path)| path).collect();
        assert_eq!(found, expected, "{module}: {text}");
    }
}
