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

/// AWS's ranges of one address, by the name of a service.
fn ranges(service: &str) -> String {
    format!(
        "{{\"createDate\": \"2026-11-01-12-00-00\", \"ipv6_prefixes\": [], \"prefixes\": [\n\
         {{\"ip_prefix\": \"52.95.110.1/32\", \"region\": \"eu-west-1\", \"service\": \"{service}\"}}]}}"
    )
}

#[test]
fn ranges_of_aws_say_whose_an_address_is() {
    let estate = copy("quay");
    let file = estate.path().join("portolan.toml");
    std::fs::write(estate.path().join("of-the-file.txt"), ranges("OF_THE_FILE")).unwrap();
    std::fs::write(estate.path().join("of-the-flag.txt"), ranges("OF_THE_FLAG")).unwrap();
    let flag = estate.path().join("of-the-flag.txt");
    let ask = |more: &[&str]| {
        let question = ["explain", path(&estate), "52.95.110.1", "bastion", "ssh"];
        portolan(&[&question, more].concat())
    };
    let whose = "52.95.110.1: the AWS service OF_THE_";
    assert!(!ask(&[]).stdout.contains(whose));
    std::fs::write(&file, "ip_ranges = \"of-the-file.txt\"\n").unwrap();
    assert!(ask(&[]).stdout.contains(&format!("{whose}FILE (eu-west-1)")), "{}", ask(&[]).stdout);
    let flag = ["--ip-ranges", flag.to_str().unwrap()];
    assert!(ask(&flag).stdout.contains(&format!("{whose}FLAG (eu-west-1)")));
}

#[test]
fn ranges_that_can_not_be_read_are_an_error_with_its_place() {
    let estate = copy("quay");
    let file = estate.path().join("ranges.txt");
    std::fs::write(&file, ranges("EC2").replace("52.95.110.1/32", "52.95.110.1/33")).unwrap();
    let run = portolan(&["ports", path(&estate), "--ip-ranges", file.to_str().unwrap()]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("ranges.txt`, line 2, column"), "{}", run.stderr);
    assert!(run.stderr.contains("hint: give the file that AWS publishes"), "{}", run.stderr);
}
