//! The table of calls as a POSIX shell script, for those who would rather read than trust.

use std::fmt::Write as _;

use super::{CALLS, Call, Output};

/// Which regions a script collects.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Regions {
    /// The one that the AWS CLI is set to where the script runs.
    Current,
    /// All that are enabled for the account.
    All,
    /// These.
    Named(Vec<String>),
}

/// What a collecting script is made for; holds only what can stand in a script safely.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScriptOptions {
    profile: Option<String>,
    regions: Regions,
    directory: String,
}

/// Why no script is made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ScriptError {
    /// A region that can't be one of AWS's.
    #[error("`{}` is no name of a region, such as `eu-west-1`", .0.escape_debug())]
    Region(String),
    /// An empty list of regions.
    #[error("no region is named")]
    NoRegion,
    /// A profile that is empty or would be taken for an option.
    #[error("`{}` can't be the name of a profile", .0.escape_debug())]
    Profile(String),
    /// No directory.
    #[error("the directory has no name")]
    NoDirectory,
    /// A character that is not seen on a terminal, or that changes how others are.
    #[error("`{}` holds a character that can't be seen", .0.escape_debug())]
    Invisible(String),
}

impl ScriptOptions {
    /// Options for a script that writes below `directory`, with the credentials of `profile` if
    /// one is named. A region that is named twice is collected once.
    pub fn new(
        profile: Option<&str>,
        regions: Regions,
        directory: &str,
    ) -> Result<Self, ScriptError> {
        if let Some(profile) = profile {
            if profile.is_empty() || profile.starts_with('-') {
                return Err(ScriptError::Profile(profile.to_owned()));
            }
            visible(profile)?;
        }
        if directory.is_empty() {
            return Err(ScriptError::NoDirectory);
        }
        visible(directory)?;
        let regions = match regions {
            Regions::Named(names) => Regions::Named(checked(names)?),
            Regions::Current => Regions::Current,
            Regions::All => Regions::All,
        };
        Ok(Self { profile: profile.map(str::to_owned), regions, directory: directory.to_owned() })
    }
}

/// The names, each once, if all of them can be regions.
fn checked(names: Vec<String>) -> Result<Vec<String>, ScriptError> {
    let mut regions: Vec<String> = Vec::new();
    for name in names {
        if !is_region(&name) {
            return Err(ScriptError::Region(name));
        }
        if !regions.contains(&name) {
            regions.push(name);
        }
    }
    if regions.is_empty() { Err(ScriptError::NoRegion) } else { Ok(regions) }
}

/// Whether a name has the form of AWS's regions: `eu-west-1`, `us-gov-east-1`.
fn is_region(name: &str) -> bool {
    let mut parts = name.split('-').rev();
    let number = parts.next().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    let is_word = |word: &&str| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_lowercase());
    (1..=2).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && (2..=4).contains(&words.len())
        && words.iter().all(is_word)
        && name.len() <= 32
}

/// Refuses control characters and those that reorder text: a script is read before it is run.
fn visible(text: &str) -> Result<(), ScriptError> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if text.contains(hidden) { Err(ScriptError::Invisible(text.to_owned())) } else { Ok(()) }
}

/// A word of a shell command that stands for exactly `text`.
fn quote(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./:=,-".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// The shell script that makes the calls of [`CALLS`] with the AWS CLI.
///
/// It writes `<directory>/<account>/<region>/<File>.json`, can be run again to go on where it
/// stopped, and exits with 0 when all was collected, 3 when some calls failed (each region's
/// `not-collected.txt` says which), 2 when it could not begin.
pub fn script(options: &ScriptOptions) -> String {
    let mut text = String::from(HEAD);
    let mut line = |words: &str| {
        text.push_str(words);
        text.push('\n');
    };
    line(&format!("directory={}", quote(&options.directory)));
    line(&format!("profile={}", quote(options.profile.as_deref().unwrap_or_default())));
    line(&format!(
        "regions={}",
        match &options.regions {
            Regions::Current => "current".to_owned(),
            Regions::All => "all".to_owned(),
            Regions::Named(names) => quote(&names.join(" ")),
        }
    ));
    line(TOOLS.trim_end_matches('\n'));
    line("# The calls, one region's worth.");
    line("collect() {");
    for call in CALLS {
        if let Some(command) = command(call) {
            line(&command);
        }
    }
    line("}");
    line(RUN.trim_end_matches('\n'));
    text
}

/// The lines of the script that make one call.
fn command(call: &Call) -> Option<String> {
    let mut words = format!("{} {} {}", call.top_key, call.service, call.operation);
    for option in call.options {
        // Writing to a string can't fail.
        let _ = write!(words, " {}", quote(option));
    }
    match call.output {
        Output::Asked => None,
        Output::File(file) => Some(format!("    fetch {file} {words}")),
        Output::FileEach { folder, listing, id, option, within } => {
            let fetch = match within {
                Some(list) => format!("fetch_about {list} {id} \"$id\""),
                None => "fetch".to_owned(),
            };
            Some(format!(
                "    for id in $(ids {id} \"$here\"/{listing}); do\n        \
                 {fetch} \"{folder}/$(file_name \"$id\").json\" {words} {option} \"$id\"\n    done"
            ))
        }
    }
}

const HEAD: &str = r#"#!/bin/sh
# Collects what decides which ports of an AWS account are open, for Portolan.
#
# All it does in AWS is read: the calls below describe, get, list and search. It needs the AWS CLI,
# version 1 or 2, and credentials that the CLI finds by itself. `portolan snapshot --policy` prints
# the IAM policy that allows these calls and no other.
#
# Answers go to DIRECTORY/ACCOUNT/REGION/*.json, readable by you alone. Run it again to go on where
# it stopped: what is there is not asked again. For a new snapshot name a new directory.
#
# Exit status: 0 all collected; 3 some calls failed, each region's not-collected.txt says which and
# why; 2 it could not begin.
set -u
umask 077

"#;

const TOOLS: &str = r#"
# The AWS CLI fetches all pages of an answer by itself. It must neither show them in a pager
# (--no-cli-pager does the same, but version 1 does not know it) nor ask questions.
AWS_PAGER=''
AWS_CLI_AUTO_PROMPT=off
: "${AWS_RETRY_MODE:=standard}" "${AWS_MAX_ATTEMPTS:=8}"
export AWS_PAGER AWS_CLI_AUTO_PROMPT AWS_RETRY_MODE AWS_MAX_ATTEMPTS

say() {
    printf 'portolan: %s\n' "$*" >&2
}

die() {
    say "$@"
    exit 2
}

# ask WORD...: runs the AWS CLI.
ask() {
    if [ -n "$profile" ]; then
        set -- --profile "$profile" "$@"
    fi
    aws "$@" </dev/null
}

# is_region WORD: what AWS or the environment says is not trusted with a path.
is_region() {
    case $1 in
        '' | -* | *[!a-z0-9-]*) return 1 ;;
    esac
}

# ids KEY LISTING...: the values of KEY in listings that were collected.
ids() {
    key=$1
    shift
    sed -n 's/^ *"'"$key"'": "\([A-Za-z0-9][A-Za-z0-9:/._-]*\)",\{0,1\}$/\1/p' "$@" 2>/dev/null |
        LC_ALL=C sort -u
}

# file_name ID: an id, or what an ARN ends with, as the name of a file.
file_name() {
    printf '%s' "${1##*:}" | tr / _
}

# first_error: the line of the AWS CLI's complaint that says what is wrong, made safe to print.
first_error() {
    LC_ALL=C tr -cd '\12\40-\176' <"$errors" | LC_ALL=C sed -n '
        /[Ee]rror/ { p; q; }
        /[Uu]nable/ { p; q; }
        /./ { H; }
        $ { g; s/^\n//; s/\n.*//; p; }' | cut -c 1-500
}

# command_line WORD...: the words as a command that can be pasted.
command_line() {
    for word in "$@"; do
        case $word in
            *[!A-Za-z0-9_./:=,-]*) printf " '%s'" "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
}

# fetch FILE KEY SERVICE OPERATION [OPTION...]: one call, its answer into one file. The file gets
# its name when it is complete. A call that fails is noted, and the next one is made.
fetch() {
    part=$here/$1.part
    whole=$here/$1
    key=$2
    shift 2
    if [ -s "$whole" ]; then
        kept=$((kept + 1))
        return
    fi
    set -- "$@" --region "$region" --output json
    mkdir -p "${whole%/*}" || die "can't make the directory ${whole%/*}"
    if ! ask "$@" >"$part" 2>"$errors"; then
        why=$(first_error)
        [ -n "$why" ] || why='the AWS CLI failed and did not say why'
    elif ! grep -q "\"$key\"" "$part"; then
        why="the answer has no $key"
    elif grep -q -e '^    "NextToken": "' -e '^    "AdditionalRoutesAvailable": true' "$part"; then
        why='the answer has more pages than this version of the AWS CLI fetches'
    elif [ -n "$about" ] && ! put_into_list; then
        why='the file could not be written'
    elif ! mv -f "$part" "$whole"; then
        why='the file could not be renamed'
    else
        written=$((written + 1))
        return
    fi
    rm -f "$part"
    missing=$((missing + 1))
    printf '%s\t%s\n' "aws$(command_line "$@")" "$why" >>"$here/not-collected.part"
}

# fetch_about LIST KEY ID FILE...: the same for a call whose answer does not say what it is about:
# it becomes the element of a LIST, with the ID under KEY.
about=''
fetch_about() {
    about=$(printf '{\n"%s": [{\n"%s": "%s",' "$1" "$2" "$3")
    shift 3
    fetch "$@"
    about=''
}

# put_into_list: the answer, which is an object and not empty, behind what it is about.
put_into_list() {
    answer=$(cat "$part") && printf '%s%s\n]}\n' "$about" "${answer#?}" >"$part"
}
"#;

const RUN: &str = r#"
command -v aws >/dev/null 2>&1 ||
    die 'the AWS CLI is not installed: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html'

case $directory in
    /*) ;;
    *) directory=./$directory ;;
esac
mkdir -p "$directory" || die "can't make the directory $directory"

part=$directory/errors.part
errors=$directory/errors.part
trap 'rm -f "$part" "$errors"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Where to ask who we are, and for the list of regions.
case $regions in
    current | all)
        home=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
        [ -n "$home" ] || home=$(ask configure get region 2>/dev/null)
        ;;
    *) home=${regions%% *} ;;
esac
if [ "$regions" = all ] && [ -z "$home" ]; then
    home=us-east-1
fi
[ -n "$home" ] || die 'no region is set: name one with --region, or set AWS_REGION'
is_region "$home" || die 'the region that is set has an odd name'

account=$(ask sts get-caller-identity --query Account --region "$home" --output text 2>"$errors") ||
    die "AWS does not say who we are: $(first_error)"
case $account in
    *[!0-9]*) account='' ;;
esac
[ "${#account}" -eq 12 ] || die 'AWS does not say which account this is'

case $regions in
    current) regions=$home ;;
    all)
        regions=$(ask ec2 describe-regions --query 'Regions[].RegionName' --region "$home" \
            --output text 2>"$errors") || die "AWS does not list the regions: $(first_error)"
        [ -n "$regions" ] || die 'AWS lists no regions'
        ;;
esac

written=0
kept=0
missing=0
for region in $regions; do
    is_region "$region" || die 'a region has an odd name'
    here=$directory/$account/$region
    mkdir -p "$here" || die "can't make the directory $here"
    say "account $account, region $region"
    : >"$here/not-collected.part" || die "can't write to $here"
    collect
    if [ -s "$here/not-collected.part" ]; then
        mv -f "$here/not-collected.part" "$here/not-collected.txt"
    else
        rm -f "$here/not-collected.part" "$here/not-collected.txt"
    fi
done

say "$written files written, $kept were there, $missing calls failed: $directory/$account"
[ "$missing" -eq 0 ] && exit 0
for region in $regions; do
    if [ -f "$directory/$account/$region/not-collected.txt" ]; then
        cat "$directory/$account/$region/not-collected.txt" >&2
    fi
done
exit 3
"#;
