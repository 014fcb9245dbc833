//! The collecting script, run by `sh` against an `aws` that is a stub.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "what a helper of a test can't do fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output as Finished};

use portolan_ingest::collect::{
    CALLS, Need, Output, Regions, ScriptError, ScriptOptions, policy, script,
};

/// Answers like the AWS CLI, writes down how it was called, and fails or kills as it is told.
const STUB: &str = r#"#!/bin/sh
here=${0%/*}
printf '[%s]' "$@" >>"$here/calls"
printf '\n' >>"$here/calls"
[ "$1" = --profile ] && shift 2
case "$1 $2" in
    'configure get') cat "$here/region" 2>/dev/null; exit ;;
    'sts get-caller-identity') cat "$here/account"; exit ;;
    'ec2 describe-regions') cat "$here/regions"; exit ;;
esac
if [ -f "$here/deny" ] && [ "$2" = "$(cat "$here/deny")" ]; then
    printf '\nAn error occurred (AccessDenied) when calling it: \033[31mno\nmore\n' >&2
    exit 254
fi
if [ -f "$here/kill" ] && [ "$2" = "$(cat "$here/kill")" ]; then
    printf '{\n    "half'
    kill -9 $PPID
    exit
fi
if [ -f "$here/answers/$1.$2" ]; then
    cat "$here/answers/$1.$2"
    exit
fi
key=$(sed -n "s/^$1 $2 //p" "$here/keys")
printf '{\n    "%s": []\n}\n' "$key"
"#;

const ACCOUNT: &str = "111122223333";

/// A directory of its own with the stub in `bin`; the script runs in `work`.
struct World {
    root: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { root: tempfile::tempdir().unwrap() };
        fs::create_dir_all(world.bin("answers")).unwrap();
        fs::create_dir_all(world.work("")).unwrap();
        fs::write(world.bin("aws"), STUB).unwrap();
        fs::set_permissions(world.bin("aws"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(world.bin("account"), ACCOUNT).unwrap();
        fs::write(world.bin("region"), "eu-west-1\n").unwrap();
        fs::write(world.bin("regions"), "eu-west-1\tus-east-1\n").unwrap();
        let keys: String = CALLS
            .iter()
            .map(|call| format!("{} {} {}\n", call.service, call.operation, call.top_key))
            .collect();
        fs::write(world.bin("keys"), keys).unwrap();
        world.answer(
            "ec2.describe-managed-prefix-lists",
            r#"{
    "PrefixLists": [
        {
            "PrefixListId": "pl-6da54004",
            "PrefixListName": "com.amazonaws.eu-west-1.s3"
        },
        {
            "PrefixListName": "$(touch pwned)",
            "PrefixListId": "pl-$(touch pwned)"
        },
        {
            "PrefixListId": "pl-0ff1ce00000000001"
        }
    ]
}
"#,
        );
        world.answer(
            "elbv2.describe-load-balancers",
            r#"{
    "LoadBalancers": [
        {
            "LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/50dc6c495c0c9188",
            "Scheme": "internal"
        }
    ]
}
"#,
        );
        world.answer(
            "elbv2.describe-listeners",
            r#"{
    "Listeners": [
        {
            "ListenerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/front/50dc6c495c0c9188/f2f7dc8efc522ab2"
        }
    ]
}
"#,
        );
        world
    }

    fn bin(&self, name: &str) -> PathBuf {
        self.root.path().join("bin").join(name)
    }

    fn work(&self, name: &str) -> PathBuf {
        self.root.path().join("work").join(name)
    }

    fn region(&self, name: &str) -> PathBuf {
        self.work("out").join(ACCOUNT).join(name)
    }

    fn answer(&self, call: &str, text: &str) {
        fs::write(self.bin("answers").join(call), text).unwrap();
    }

    fn run(&self, options: &ScriptOptions) -> Finished {
        let path = format!("{}:/usr/bin:/bin", self.bin("").display());
        self.run_with(options, &path, &[])
    }

    fn run_with(&self, options: &ScriptOptions, path: &str, env: &[(&str, &str)]) -> Finished {
        let file = self.root.path().join("snapshot.sh");
        fs::write(&file, script(options)).unwrap();
        Command::new("/bin/sh")
            .arg(&file)
            .current_dir(self.work(""))
            .env_clear()
            .env("PATH", path)
            .envs(env.iter().copied())
            .output()
            .unwrap()
    }

    /// How the stub was called since the last time this was asked.
    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.bin("calls")).unwrap_or_default();
        fs::write(self.bin("calls"), "").unwrap();
        calls.lines().map(str::to_owned).collect()
    }

    /// No text that the script was given was run as a command.
    fn assert_untouched(&self) {
        let pwned: Vec<PathBuf> = files(self.root.path())
            .into_iter()
            .filter(|file| file.file_name().unwrap() == "pwned")
            .collect();
        assert_eq!(pwned, Vec::<PathBuf>::new());
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn options(profile: Option<&str>, regions: Regions) -> ScriptOptions {
    ScriptOptions::new(profile, regions, "out").unwrap()
}

fn named(names: &[&str]) -> Regions {
    Regions::Named(names.iter().map(|name| (*name).to_owned()).collect())
}

fn status(finished: &Finished) -> i32 {
    finished.status.code().unwrap_or(-1)
}

fn stderr(finished: &Finished) -> String {
    String::from_utf8(finished.stderr.clone()).unwrap()
}

#[test]
fn the_script_is_valid_for_sh() {
    let world = World::new();
    let file = world.work("snapshot.sh");
    for regions in [Regions::Current, Regions::All, named(&["eu-west-1"])] {
        fs::write(&file, script(&options(Some("it's"), regions))).unwrap();
        assert!(Command::new("/bin/sh").arg("-n").arg(&file).status().unwrap().success());
    }
}

#[test]
fn every_listing_gets_its_file_in_the_folder_of_account_and_region() {
    let world = World::new();
    let finished = world.run(&options(None, Regions::Current));
    assert_eq!(status(&finished), 0, "{}", stderr(&finished));
    assert!(finished.stdout.is_empty());
    for call in CALLS {
        if let Output::File(name) = call.output {
            let text = fs::read_to_string(world.region("eu-west-1").join(name)).unwrap();
            assert!(text.contains(&format!("\"{}\"", call.top_key)), "{name}");
        }
    }
}

#[test]
fn what_is_asked_for_each_thing_has_a_file_named_after_it() {
    let world = World::new();
    world.run(&options(None, Regions::Current));
    let region = world.region("eu-west-1");
    let names = |folder: &str| -> Vec<String> {
        files(&region.join(folder))
            .iter()
            .map(|file| file.file_name().unwrap().to_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("PrefixListEntries"), ["pl-0ff1ce00000000001.json", "pl-6da54004.json"]);
    assert_eq!(names("Listeners"), ["loadbalancer_app_front_50dc6c495c0c9188.json"]);
    assert_eq!(
        names("ListenerRules"),
        ["listener_app_front_50dc6c495c0c9188_f2f7dc8efc522ab2.json"]
    );
    assert!(!region.join("TransitGatewayRoutes").exists());
    world.assert_untouched();
}

#[test]
fn only_the_owner_can_read_the_files_and_nothing_else_is_left() {
    let world = World::new();
    world.run(&options(None, Regions::Current));
    let all = files(&world.work("out"));
    assert!(all.len() > 30);
    for file in all {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
        assert_eq!(file.extension().unwrap(), "json", "{file:?}");
    }
}

#[test]
fn only_reading_calls_of_the_table_are_made() {
    let world = World::new();
    world.run(&options(None, Regions::All));
    let table: BTreeSet<String> =
        CALLS.iter().map(|call| format!("[{}][{}]", call.service, call.operation)).collect();
    for call in world.calls() {
        let words: Vec<&str> = call.split_inclusive(']').take(2).collect();
        let called = words.concat();
        assert!(table.contains(&called) || called == "[configure][get]", "{call}");
    }
    for call in CALLS {
        let verb = call.operation.split('-').next().unwrap();
        assert!(["describe", "get", "list", "search"].contains(&verb), "{}", call.operation);
    }
}

#[test]
fn secrets_of_vpn_connections_and_listeners_are_not_asked_for() {
    let world = World::new();
    world.run(&options(None, Regions::Current));
    for call in world.calls() {
        let with_secrets = [
            "vpn-connections]",
            "describe-virtual-interfaces]",
            "describe-listeners]",
            "describe-rules]",
            "describe-db-instances]",
            "describe-db-clusters]",
            "list-functions]",
            "[eks]",
        ];
        let may_carry_secrets = with_secrets.iter().any(|operation| call.contains(operation));
        assert_eq!(call.contains("[--query][{"), may_carry_secrets, "{call}");
        assert!(!call.contains("PreSharedKey") && !call.contains("OidcConfig"), "{call}");
        assert!(!call.contains("CustomerGatewayConfiguration"), "{call}");
        assert!(!call.contains("authKey") && !call.contains("customerRouterConfig"), "{call}");
        assert!(!call.contains("Environment") && !call.contains("MasterUser"), "{call}");
    }
}

#[test]
fn profile_and_region_go_with_every_call() {
    let world = World::new();
    let finished = world.run(&options(Some("audit"), named(&["eu-west-1", "us-gov-west-1"])));
    assert_eq!(status(&finished), 0, "{}", stderr(&finished));
    let calls = world.calls();
    assert!(calls.iter().all(|call| call.starts_with("[--profile][audit]")));
    assert!(calls.iter().all(|call| call.contains("[--region][")));
    let vpcs: Vec<&String> = calls.iter().filter(|call| call.contains("[describe-vpcs]")).collect();
    assert_eq!(
        vpcs,
        [
            "[--profile][audit][ec2][describe-vpcs][--region][eu-west-1][--output][json]",
            "[--profile][audit][ec2][describe-vpcs][--region][us-gov-west-1][--output][json]",
        ]
    );
    assert!(world.region("us-gov-west-1").join("Vpcs.json").exists());
}

#[test]
fn all_regions_are_those_that_aws_lists() {
    let world = World::new();
    let finished = world.run(&options(None, Regions::All));
    assert_eq!(status(&finished), 0, "{}", stderr(&finished));
    assert!(world.region("eu-west-1").join("Vpcs.json").exists());
    assert!(world.region("us-east-1").join("Vpcs.json").exists());
}

#[test]
fn the_current_region_is_that_of_the_environment_before_that_of_the_settings() {
    let world = World::new();
    let path = format!("{}:/usr/bin:/bin", world.bin("").display());
    let here = options(None, Regions::Current);
    world.run_with(&here, &path, &[("AWS_REGION", "ap-south-1")]);
    assert!(world.region("ap-south-1").join("Vpcs.json").exists());
    assert!(!world.region("eu-west-1").exists());
    fs::remove_file(world.bin("region")).unwrap();
    let finished = world.run_with(&here, &path, &[]);
    assert_eq!(status(&finished), 2);
    assert!(stderr(&finished).contains("no region is set"));
    let finished = world.run_with(&here, &path, &[("AWS_REGION", "../x")]);
    assert_eq!(status(&finished), 2);
}

#[test]
fn a_second_run_asks_nothing_that_is_there() {
    let world = World::new();
    let options = options(None, named(&["eu-west-1"]));
    world.run(&options);
    world.calls();
    fs::remove_file(world.region("eu-west-1").join("Subnets.json")).unwrap();
    assert_eq!(status(&world.run(&options)), 0);
    let calls = world.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls.iter().any(|call| call.contains("[get-caller-identity]")));
    assert!(calls.iter().any(|call| call.contains("[describe-subnets]")));
}

#[test]
fn a_killed_run_leaves_no_half_file_and_the_next_goes_on() {
    let world = World::new();
    let options = options(None, named(&["eu-west-1"]));
    fs::write(world.bin("kill"), "describe-route-tables").unwrap();
    let killed = world.run(&options);
    assert!(!killed.status.success());
    let region = world.region("eu-west-1");
    assert!(region.join("Vpcs.json").exists());
    assert!(!region.join("RouteTables.json").exists());
    for file in files(&region) {
        let whole = file.extension().unwrap() == "json";
        let text = fs::read_to_string(&file).unwrap();
        assert!(!whole || text.ends_with("}\n"), "{file:?}");
    }
    world.calls();

    fs::remove_file(world.bin("kill")).unwrap();
    assert_eq!(status(&world.run(&options)), 0);
    assert!(!world.calls().iter().any(|call| call.contains("[describe-vpcs]")));
    assert!(region.join("RouteTables.json").exists());
    assert!(files(&world.work("out")).iter().all(|file| file.extension().unwrap() == "json"));
}

#[test]
fn a_denied_call_is_noted_and_the_others_are_made() {
    let world = World::new();
    let options = options(None, named(&["eu-west-1"]));
    fs::write(world.bin("deny"), "describe-network-acls").unwrap();
    let finished = world.run(&options);
    assert_eq!(status(&finished), 3);
    let region = world.region("eu-west-1");
    let expected = "aws ec2 describe-network-acls --region eu-west-1 --output json\t\
                    An error occurred (AccessDenied) when calling it: [31mno\n";
    assert_eq!(fs::read_to_string(region.join("not-collected.txt")).unwrap(), expected);
    assert!(stderr(&finished).ends_with(expected), "{}", stderr(&finished));
    assert!(!region.join("NetworkAcls.json").exists());
    assert!(region.join("Vpcs.json").exists());
    assert!(region.join("Firewalls.json").exists());

    fs::remove_file(world.bin("deny")).unwrap();
    assert_eq!(status(&world.run(&options)), 0);
    assert!(region.join("NetworkAcls.json").exists());
    assert!(!region.join("not-collected.txt").exists());
}

#[test]
fn a_noted_command_can_be_pasted() {
    let world = World::new();
    fs::write(world.bin("deny"), "describe-vpn-connections").unwrap();
    world.run(&options(None, named(&["eu-west-1"])));
    let noted = fs::read_to_string(world.region("eu-west-1").join("not-collected.txt")).unwrap();
    let (command, _) = noted.split_once('\t').unwrap();
    let asked: Vec<String> = world
        .calls()
        .into_iter()
        .filter(|call| call.contains("[describe-vpn-connections]"))
        .collect();
    let path = format!("{}:/usr/bin:/bin", world.bin("").display());
    Command::new("/bin/sh").args(["-c", command]).env("PATH", path).output().unwrap();
    assert_eq!(world.calls(), asked);
}

#[test]
fn an_answer_that_is_not_whole_is_not_kept() {
    let world = World::new();
    world.answer("ec2.describe-vpcs", "{}\n");
    world.answer(
        "ec2.describe-vpc-block-public-access-exclusions",
        "{\n    \"VpcBlockPublicAccessExclusions\": [],\n    \"NextToken\": \"more\"\n}\n",
    );
    assert_eq!(status(&world.run(&options(None, Regions::Current))), 3);
    let region = world.region("eu-west-1");
    let noted = fs::read_to_string(region.join("not-collected.txt")).unwrap();
    assert_eq!(noted.lines().count(), 2, "{noted}");
    assert!(noted.contains("the answer has no Vpcs"), "{noted}");
    assert!(noted.contains("more pages"), "{noted}");
    assert!(!region.join("Vpcs.json").exists());
    assert!(!region.join("VpcBlockPublicAccessExclusions.json").exists());
}

#[test]
fn without_the_aws_cli_an_account_or_a_list_of_regions_it_does_not_begin() {
    let world = World::new();
    let here = options(None, Regions::Current);
    let finished = world.run_with(&here, "/nowhere", &[]);
    assert_eq!(status(&finished), 2);
    assert!(stderr(&finished).contains("AWS CLI is not installed"), "{}", stderr(&finished));
    for account in ["None\n", "../../../etc", "12345"] {
        fs::write(world.bin("account"), account).unwrap();
        let finished = world.run(&here);
        assert_eq!(status(&finished), 2);
        assert!(stderr(&finished).contains("which account"), "{}", stderr(&finished));
    }
    fs::write(world.bin("account"), ACCOUNT).unwrap();
    fs::write(world.bin("regions"), "../.. eu-west-1\n").unwrap();
    assert_eq!(status(&world.run(&options(None, Regions::All))), 2);
}

#[test]
fn a_hostile_profile_or_directory_is_only_a_name() {
    for hostile in [
        "x'; touch pwned; '",
        "$(touch pwned)",
        "`touch pwned`",
        "\\'; touch pwned #",
        "a b\"c; touch pwned",
        "*",
        "~",
    ] {
        let world = World::new();
        let directory = format!("-out {hostile}");
        let options = ScriptOptions::new(Some(hostile), named(&["eu-west-1"]), &directory).unwrap();
        let finished = world.run(&options);
        assert_eq!(status(&finished), 0, "{hostile}: {}", stderr(&finished));
        assert!(world.calls()[0].starts_with(&format!("[--profile][{hostile}][sts]")));
        assert!(world.work(&directory).join(ACCOUNT).join("eu-west-1/Vpcs.json").exists());
        assert!(
            world
                .work(&directory)
                .join(ACCOUNT)
                .join("eu-west-1/PrefixListEntries/pl-6da54004.json")
                .exists()
        );
        world.assert_untouched();
    }
}

#[test]
fn what_can_not_stand_in_a_script_is_an_error() {
    let refused = |profile, regions, directory: &str| {
        ScriptOptions::new(profile, regions, directory).unwrap_err()
    };
    for region in [
        "",
        "eu",
        "eu-west",
        "EU-WEST-1",
        "eu-west-1;id",
        "eu-west-1 ",
        "$(id)",
        "-eu-west-1",
        "eu-west-123",
        "../eu-west-1",
    ] {
        assert_eq!(
            refused(None, named(&["eu-west-1", region]), "out"),
            ScriptError::Region(region.to_owned())
        );
    }
    assert_eq!(refused(None, named(&[]), "out"), ScriptError::NoRegion);
    assert_eq!(refused(Some(""), Regions::All, "out"), ScriptError::Profile(String::new()));
    assert_eq!(refused(Some("-p"), Regions::All, "out"), ScriptError::Profile("-p".to_owned()));
    assert_eq!(refused(None, Regions::All, ""), ScriptError::NoDirectory);
    for hidden in ["a\nb", "a\0b", "a\u{1b}[2Jb", "a\u{202e}b", "a\u{9b}b"] {
        let error = ScriptError::Invisible(hidden.to_owned());
        assert_eq!(refused(None, Regions::All, hidden), error);
        assert_eq!(refused(Some(hidden), Regions::All, "out"), error);
        assert!(!error.to_string().contains(hidden));
    }
}

#[test]
fn a_region_named_twice_is_collected_once() {
    let world = World::new();
    world.run(&options(None, named(&["eu-west-1", "us-iso-east-1", "eu-west-1"])));
    let calls = world.calls();
    assert_eq!(calls.iter().filter(|call| call.contains("[describe-vpcs]")).count(), 2);
}

#[test]
fn the_policy_allows_exactly_the_actions_of_the_table() {
    let policy: serde_json::Value = serde_json::from_str(&policy()).unwrap();
    let statement = &policy["Statement"][0];
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
    assert_eq!(statement["Effect"], "Allow");
    assert_eq!(statement["Resource"], "*");
    let allowed: Vec<&str> =
        statement["Action"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
    let table: BTreeSet<&str> = CALLS.iter().map(|call| call.action).collect();
    assert_eq!(allowed, table.into_iter().collect::<Vec<_>>());
}

#[test]
fn an_action_is_its_operation_in_the_words_of_iam() {
    for call in CALLS {
        let service = match call.service {
            "elb" | "elbv2" => "elasticloadbalancing",
            "opensearch" => "es",
            "efs" => "elasticfilesystem",
            other => other,
        };
        let operation: String = call
            .operation
            .split('-')
            .map(|word| match word {
                // IAM has this one in capitals.
                "db" => "DB".to_owned(),
                _ => format!("{}{}", word[..1].to_uppercase(), &word[1..]),
            })
            .collect();
        assert_eq!(call.action, format!("{service}:{operation}"));
    }
}

#[test]
fn no_two_calls_share_a_file_and_each_listing_comes_before_its_use() {
    let mut seen = BTreeSet::new();
    for call in CALLS {
        match call.output {
            Output::Asked => assert_eq!(call.need, Need::Position),
            Output::File(file) => assert!(seen.insert(file.to_owned()), "{file}"),
            Output::FileEach { folder, listing, .. } => {
                assert!(seen.contains(listing), "{folder}");
                assert!(seen.insert(format!("{folder}/*.json")), "{folder}");
            }
        }
    }
}
