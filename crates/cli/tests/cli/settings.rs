//! Flag, then environment, then `portolan.toml`, then the user's file.

use crate::support::{command, copy, path, portolan, run};

fn is_json(text: &str) -> bool {
    text.starts_with("{\"format\":\"portolan.ports/1\"")
}

#[test]
fn each_source_of_settings_goes_before_the_next() {
    let user = tempfile::tempdir().unwrap();
    std::fs::create_dir(user.path().join("portolan")).unwrap();
    let user_file = user.path().join("portolan/portolan.toml");
    std::fs::write(&user_file, "format = \"json\"\n").unwrap();
    let estate = copy("quay");
    let ask = |args: &[&str], variable: Option<&str>| {
        let mut all = vec!["ports", path(&estate)];
        all.extend(args);
        let mut command = command(&all);
        command.env("XDG_CONFIG_HOME", user.path());
        if let Some(format) = variable {
            command.env("PORTOLAN_FORMAT", format);
        }
        run(&mut command, b"").stdout
    };
    assert!(is_json(&ask(&[], None)), "the user's file");
    std::fs::write(estate.path().join("portolan.toml"), "format = \"csv\"\n").unwrap();
    assert!(ask(&[], None).starts_with("interface,"), "the file of the source");
    assert!(is_json(&ask(&[], Some("json"))), "the environment");
    assert!(ask(&["--format", "csv"], Some("json")).starts_with("interface,"), "the flag");
}

#[test]
fn an_unknown_key_is_an_error_with_file_and_line() {
    let estate = copy("quay");
    std::fs::write(estate.path().join("portolan.toml"), "[zones]\n[zone]\n").unwrap();
    let run = portolan(&["ports", path(&estate)]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("portolan.toml:2: unknown field `zone`"), "{}", run.stderr);
}

#[test]
fn an_unknown_value_of_a_variable_is_an_error() {
    let run = run(command(&["ports", "quay"]).env("PORTOLAN_FORMAT", "xml"), b"");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("PORTOLAN_FORMAT"), "{}", run.stderr);
}

#[test]
fn a_zone_can_be_asked() {
    let asked = portolan(&["explain", "quay", "zone:office", "bastion", "ssh"]);
    assert_eq!(asked.code, 0, "{}", asked.stderr);
    let unknown = portolan(&["explain", "quay", "zone:harbour", "bastion", "ssh"]);
    assert_eq!(unknown.code, 2);
}
