//! The Python modules of `tests/clients`: boto3 and the aws command line against the program.
//!
//! They need Python and, the first time, its package registry. Where that is missing they are skipped, and say so; with `CI=true`
//! or `STEPWELL_CLIENTS=required` they fail instead.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

#[test]
fn state_machines() {
    passes("test_state_machines");
}

#[test]
fn versions() {
    passes("test_versions");
}

#[test]
fn executions() {
    passes("test_executions");
}

#[test]
fn paginators() {
    passes("test_paginators");
}

#[test]
fn activities() {
    passes("test_activities");
}

#[test]
fn lambda() {
    passes("test_lambda");
}

#[test]
fn services() {
    passes("test_services");
}

#[test]
fn cbor() {
    passes("test_cbor");
}

#[test]
fn express() {
    passes("test_express");
}

#[test]
fn test_state() {
    passes("test_test_state");
}

#[test]
fn model() {
    passes("test_model");
}

#[test]
fn table() {
    passes("test_table");
}

#[test]
fn command_line() {
    passes("test_command_line");
}

#[test]
fn every_python_module_has_its_test() {
    let here = include_str!("clients.rs");
    for entry in fs::read_dir(folder()).expect("a folder") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if let Some(module) = name.strip_suffix(".py").filter(|name| name.starts_with("test_")) {
            assert!(here.contains(&format!("passes(\"{module}\")")), "{name} is not run");
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Runs a module; its output is shown if it fails.
fn passes(module: &str) {
    let python = match python() {
        Ok(python) => python,
        Err(problem) => {
            let must = |name, value: &str| std::env::var(name).is_ok_and(|set| set == value);
            assert!(!must("CI", "true") && !must("STEPWELL_CLIENTS", "required"), "{module}: {problem}");
            eprintln!("skipped {module}: {problem}");
            return;
        }
    };
    let output = Command::new(python)
        .args(["-B", "-m", "unittest", "-v", module])
        .current_dir(folder())
        .env("STEPWELL_BIN", env!("CARGO_BIN_EXE_stepwell"))
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{module}:\n{}{said}", String::from_utf8_lossy(&output.stdout));
}

/// The Python of the virtual environment, which is made if it isn't there.
fn python() -> &'static Result<PathBuf, String> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PYTHON.get_or_init(virtual_environment)
}

/// Under `target/`; made anew when the pinned packages change.
fn virtual_environment() -> Result<PathBuf, String> {
    let requirements = folder().join("requirements.txt");
    let pins = fs::read_to_string(&requirements).map_err(|error| format!("{}: {error}", requirements.display()))?;
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a folder in target");
    let environment = target.join("clients-venv");
    let python = if cfg!(windows) {
        environment.join("Scripts").join("python.exe")
    } else {
        environment.join("bin").join("python")
    };
    let made_for = environment.join("made-for.txt");
    if python.exists() && fs::read_to_string(&made_for).is_ok_and(|text| text == pins) {
        return Ok(python);
    }
    let _ = fs::remove_dir_all(&environment);
    let system = ["python3", "python"]
        .into_iter()
        .find(|name| {
            let version = Command::new(name).args(["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]).output();
            version.is_ok_and(|output| output.status.success())
        })
        .ok_or("there is no Python of version 3.9 or later")?;
    run(Command::new(system).args(["-m", "venv"]).arg(&environment))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(&requirements))?;
    fs::write(&made_for, pins).map_err(|error| format!("{}: {error}", made_for.display()))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
