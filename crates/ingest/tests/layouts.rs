//! Where listings may lie, in what form, and what is not one.

mod common;

use std::io::Write as _;
use std::path::Path;

use common::{load, summary};
use expect_test::expect;
use portolan::model::{Locate, Place};
use portolan_ingest::LoadOptions;

const VPCS: &str =
    r#"{"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "111122223333", "CidrBlock": "10.0.0.0/16"}]}"#;
const SUBNETS: &str = r#"{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": "111122223333",
    "AvailabilityZone": "eu-west-1a", "CidrBlock": "10.0.1.0/24"}]}"#;

/// The error and its hint.
fn error(files: &[(&str, &str)]) -> String {
    match load(files) {
        Ok(_) => "loaded\n".to_owned(),
        Err(error) => format!("{error}\n  {}\n", error.hint().unwrap_or("")),
    }
}

fn scopes(files: &[(&str, &str)]) -> String {
    let Ok(loaded) = load(files) else { return "does not load".to_owned() };
    let mut scopes = Vec::new();
    for component in loaded.network.components.iter() {
        for scope in component.scopes.iter() {
            let text = |id| loaded.network.text(id);
            scopes.push(format!("{}/{}", text(scope.account), text(scope.region)));
        }
    }
    scopes.join(" ")
}

#[test]
fn region_and_account_are_the_nearest_folders_else_what_the_data_says() {
    assert_eq!(scopes(&[("Vpcs.json", VPCS)]), "111122223333/");
    assert_eq!(scopes(&[("a.json", VPCS), ("b.json", SUBNETS)]), "111122223333/eu-west-1");
    assert_eq!(scopes(&[("us-east-1/Vpcs.json", VPCS)]), "111122223333/us-east-1");
    let deep = "accounts/444455556666/us-east-1/x/Vpcs.json";
    assert_eq!(scopes(&[(deep, VPCS)]), "111122223333/us-east-1");
    let no_owner = r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}"#;
    assert_eq!(scopes(&[(deep, no_owner)]), "444455556666/us-east-1");
    let identity = r#"{"UserId": "AIDA", "Account": "777788889999", "Arn": "arn:aws:iam::777788889999:user/x"}"#;
    assert_eq!(scopes(&[("a.json", no_owner), ("sts.json", identity)]), "777788889999/");
}

#[test]
fn file_names_do_not_matter_and_replies_may_be_wrapped_paged_or_put_together() {
    let wrapped = r#"{"status_code": 200, "data": {"ResponseMetadata": {},
        "Vpcs": [{"VpcId": "vpc-2", "CidrBlock": "10.2.0.0/16"}],
        "When": {"__class__": "datetime", "year": 2020}}}"#;
    let page = r#"{"Vpcs": [{"VpcId": "vpc-3", "CidrBlock": "10.3.0.0/16"}], "NextToken": "abc"}"#;
    let two = r#"{"Vpcs": [{"VpcId": "vpc-4", "CidrBlock": "10.4.0.0/16"}]}
        {"Vpcs": [{"VpcId": "vpc-5", "CidrBlock": "10.5.0.0/16"}], "NextToken": null}"#;
    let bom = "\u{feff}{\"Vpcs\": [{\"VpcId\": \"vpc-6\", \"CidrBlock\": \"10.6.0.0/16\"}]}";
    let loaded = load(&[
        ("ec2-describe-vpcs.json", VPCS),
        ("ec2.DescribeVpcs_1.json", wrapped),
        ("page1.json", page),
        ("x/both.json", two),
        ("x/windows.JSON", bom),
        ("x/main.tf", "resource {"),
        ("x/template.json", r#"{"Resources": {}}"#),
        ("x/list.json", "[1, 2]"),
    ])
    .unwrap();
    expect![[r#"
        read 5, left alone 3
        component 111122223333/
          vpc-1 10.0.0.0/16
        component 111122223333/
          vpc-2 10.2.0.0/16
        component 111122223333/
          vpc-3 10.3.0.0/16
        component /
          vpc-4 10.4.0.0/16
        component /
          vpc-5 10.5.0.0/16
        component /
          vpc-6 10.6.0.0/16
    "#]]
    .assert_eq(&summary(&loaded));
}

#[test]
fn a_listing_that_says_it_goes_on_and_does_not_is_not_complete() {
    let page = r#"{"Vpcs": [{"VpcId": "vpc-3", "CidrBlock": "10.3.0.0/16"}], "NextToken": "abc"}"#;
    expect![[r#"
        read 1, left alone 0
        component /
          vpc-3 10.3.0.0/16
        limitation not-collected describe-vpcs page1.json#/Vpcs
    "#]]
    .assert_eq(&summary(&load(&[("page1.json", page)]).unwrap()));
}

#[test]
fn a_lone_surrogate_is_a_warning_and_moves_nothing() {
    let vpcs = r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "Tags": [
        {"Key": "Name", "Value": "a\ud83d"}, {"Key": "b", "Value": "\ud83d\ude00 \\ud83d \udc00"}]}]}"#;
    let loaded = load(&[("Vpcs.json", vpcs)]).unwrap();
    let vpc = &loaded.network.components.as_slice()[0].vpcs.as_slice()[0];
    assert_eq!(loaded.network.text(vpc.name), "a\u{fffd}");
    assert_eq!(loaded.network.text(vpc.tags[1].1), "\u{1f600} \\ud83d \u{fffd}");
    assert_eq!(loaded.network.warnings[0].message, "2 escapes are no character: read as U+FFFD");
}

#[test]
fn a_large_file_is_read_in_windows_also_where_their_ends_were_guessed_wrongly() {
    // The key that elements are told apart by stands inside them too.
    let interface = |number: u32| {
        format!(
            r#"{{"Decoy": [{{"NetworkInterfaceId": "x"}} , {{"NetworkInterfaceId": "y"}}], "Groups": [],
            "NetworkInterfaceId": "eni-{number}", "VpcId": "vpc-1", "SubnetId": "subnet-1", "Status": "in-use",
            "PrivateIpAddress": "10.0.1.{number}", "Description": "\ud83d"}}"#
        )
    };
    let interfaces: Vec<String> = (1..40).map(interface).collect();
    let text = format!(
        r#"{{"NextToken": null, "NetworkInterfaces" : [{}], "Reservations": [], "Other": ["\""]}}"#,
        interfaces.join(",\n")
    );
    let shown = |window_bytes, threads| {
        let threads = std::num::NonZeroUsize::new(threads);
        let options = LoadOptions { window_bytes, threads, ..LoadOptions::default() };
        let files = vec![("all.json".to_owned(), text.clone().into_bytes())];
        let loaded = portolan_ingest::load_bytes_with(files, &options).unwrap();
        let component = &loaded.network.components.as_slice()[0];
        let ids: Vec<_> = component.interfaces.iter().map(|one| (one.id(), one.place())).collect();
        format!("{ids:?} {:?} {:?}", loaded.network.warnings, loaded.report)
    };
    let whole = shown(usize::MAX, 1);
    assert!(whole.contains("39 escapes are no character"), "{whole}");
    for window in [0, 1, 100, 300, 1000, 3000, 10_000] {
        for threads in [1, 3] {
            assert_eq!(shown(window, threads), whole, "{window}");
        }
    }
}

#[test]
fn gzip_is_known_by_its_first_bytes() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(VPCS.as_bytes()).unwrap();
    let bytes = encoder.finish().unwrap();
    let loaded = portolan_ingest::load_bytes(vec![("Vpcs.json.gz".to_owned(), bytes)]).unwrap();
    assert_eq!(loaded.network.components.len(), 1);
    assert!(portolan_ingest::load_bytes(vec![("a.json".into(), vec![0x1f, 0x8b, 8])]).is_err());
}

#[test]
fn a_bomb_goes_off_early() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..80 {
        encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bytes = encoder.finish().unwrap();
    let error = portolan_ingest::load_bytes(vec![("a.json.gz".to_owned(), bytes)]).unwrap_err();
    assert_eq!(error.to_string(), "`a.json.gz` decompresses to more than 500 times its size");
    let options = LoadOptions { max_file_bytes: 10, ..LoadOptions::default() };
    let files = vec![("a.json".to_owned(), VPCS.as_bytes().to_vec())];
    let error = portolan_ingest::load_bytes_with(files, &options).unwrap_err();
    assert_eq!(error.to_string(), "`a.json` is larger than 10 bytes");
}

#[test]
fn bytes_that_are_no_json_are_an_error_that_says_where() {
    let mut all = String::new();
    for text in [
        "",
        "x",
        "{",
        "{\"Vpcs\": [",
        "{\"Vpcs\": [{\"VpcId\": \"vpc-1\"\n  \"x\": 1}]}",
        "{\"Vpcs\": [{}, ]}",
        "{\"Vpcs\": [{} {}]}",
        "{\"Vpcs\": [}",
        "{Vpcs: []}",
        "{\"Vpcs\": []} x",
        "{\"Vpcs\": [{\"VpcId\": \"\\x\"}]}",
        "{\"Vpcs\": [{\"VpcId\": \"a\nb\"}]}",
        "{\"Vpcs\": [{\"VpcId\": \"a\", \"VpcId\": \"b\"}]}",
        "{\"Vpcs\": [], \"n\": 01}",
    ] {
        all += &error(&[("a/Vpcs.json", text)]);
    }
    expect![[r#"
        `a/Vpcs.json`, line 1, column 1: expected `{`, found the end of the file
        `a/Vpcs.json`, line 1, column 1: expected `{`, found `x`
        `a/Vpcs.json`, line 1, column 2: expected a key in double quotes, found the end of the file
        `a/Vpcs.json`, line 1, column 11: expected a value, found the end of the file
        `a/Vpcs.json`, line 2, column 3: expected `,` or `}`, found `"`
        `a/Vpcs.json`, line 1, column 15: expected a value, found `]`
        `a/Vpcs.json`, line 1, column 14: expected `,` or `]`, found `{`
        `a/Vpcs.json`, line 1, column 11: expected a value, found `}`
        `a/Vpcs.json`, line 1, column 2: expected a key in double quotes, found `V`
        `a/Vpcs.json`, line 1, column 14: expected the end of the file, found `x`
        `a/Vpcs.json`, line 1, column 23: expected an escape of JSON, found `x`
        `a/Vpcs.json`, line 1, column 23: expected an escape: control characters do not stand in strings, found `\n`
        `a/Vpcs.json`, line 1, column 32: expected `VpcId` once, found `"`
        `a/Vpcs.json`, line 1, column 20: expected a number of JSON, found `1`
    "#]].assert_eq(
        &all.lines()
            .filter(|line| !line.starts_with("  "))
            .map(|line| format!("{line}\n"))
            .collect::<String>(),
    );
}

#[test]
fn what_is_not_text_or_no_listing_has_a_hint() {
    let mut all = error(&[]);
    all += &error(&[("notes/README.md", "x"), ("a.json", "{}")]);
    for bytes in [&b"{\"Vpcs\": \"\xff\"}"[..], b"\xff\xfe{\0}\0"] {
        let error = portolan_ingest::load_bytes(vec![("a.json".to_owned(), bytes.to_vec())]);
        let error = error.unwrap_err();
        all += &format!("{error}\n  {}\n", error.hint().unwrap());
    }
    expect![[r#"
        no describe-* listing in nothing (0 other files)
          a listing is what `aws ec2 describe-security-groups --output json` prints, in a .json or .json.gz file
        no describe-* listing in `notes/README.md`, `a.json` (2 other files)
          a listing is what `aws ec2 describe-security-groups --output json` prints, in a .json or .json.gz file
        `a.json`: byte 10 is not UTF-8
          save the file as UTF-8
        `a.json`: byte 0 is not UTF-8
          the file looks like UTF-16, as PowerShell's `>` writes: save it as UTF-8
    "#]].assert_eq(&all);
}

#[test]
fn directories_are_walked_and_links_do_not_lead_out() {
    let root = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let write = |path: &Path, text: &str| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(&root.path().join("us-east-1/Vpcs.json"), VPCS);
    write(&root.path().join("us-east-1/README"), "words");
    write(&root.path().join(".git/x.json"), "not json");
    write(&outside.path().join("Subnets.json"), "not json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(outside.path(), root.path().join("away")).unwrap();
        symlink(outside.path().join("Subnets.json"), root.path().join("S.json")).unwrap();
        symlink(root.path(), root.path().join("circle")).unwrap();
    }
    let loaded = portolan_ingest::load(&[root.path()], &LoadOptions::default()).unwrap();
    assert_eq!((loaded.report.files_read, loaded.report.files_left_alone), (1, 4));
    assert_eq!(loaded.sources.name(portolan::model::FileId(0)), Some("us-east-1/Vpcs.json"));
    // The region's folder alone will do, and so will the file.
    for path in ["us-east-1", "us-east-1/Vpcs.json"] {
        let path = root.path().join(path);
        let loaded = portolan_ingest::load(&[&path], &LoadOptions::default()).unwrap();
        let scope = &loaded.network.components.as_slice()[0].scopes.as_slice()[0];
        assert_eq!(loaded.network.text(scope.region), "us-east-1");
    }
    let options = LoadOptions { max_depth: 0, ..LoadOptions::default() };
    let error = portolan_ingest::load(&[root.path()], &options).unwrap_err();
    assert!(error.to_string().ends_with("lies more than 0 folders deep"), "{error}");
    let error = portolan_ingest::load(&[Path::new("/no/such")], &LoadOptions::default());
    assert!(error.unwrap_err().to_string().starts_with("can't read `/no/such`"));
}

#[test]
fn places_are_found_again_with_lines_where_there_are_any() {
    let indented = "{\n \"Vpcs\": [\n  {\"VpcId\": \"vpc-1\"},\n  {\"VpcId\": \"vpc-2\"}\n ]\n}\n";
    let loaded = load(&[("a/b.json", indented)]).unwrap();
    let offset = indented.find("{\"VpcId\": \"vpc-2\"").unwrap();
    let file = portolan::model::FileId(0);
    let located = loaded.sources.locate(Place::new(file, u64::try_from(offset).unwrap()));
    assert_eq!((located.at.as_str(), located.line), ("a/b.json#/Vpcs/1", Some(4)));
    let loaded = load(&[("b.json", &format!("{VPCS}\n"))]).unwrap();
    let located = loaded.sources.locate(Place::new(file, 11));
    assert_eq!((located.at.as_str(), located.line), ("b.json#/Vpcs/0", None));
}

#[test]
fn progress_is_told_file_by_file() {
    let told = std::cell::RefCell::new(Vec::new());
    let tell = |progress: portolan_ingest::Progress| {
        told.borrow_mut().push((progress.files, progress.of_files));
    };
    let options = LoadOptions { progress: Some(&tell), ..LoadOptions::default() };
    let files = vec![
        ("a.json".to_owned(), VPCS.as_bytes().to_vec()),
        ("b.json".to_owned(), SUBNETS.as_bytes().to_vec()),
    ];
    portolan_ingest::load_bytes_with(files, &options).unwrap();
    assert_eq!(*told.borrow(), [(1, 2), (2, 2)]);
}
