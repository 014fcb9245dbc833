//! The story of a source in about eight lines: what is open to everyone, the
//! worst of it, what could not be seen, what to ask next.

use std::collections::BTreeSet;
use std::io::{self, Write};

use portolan::record::{Audience, Breadth, Certainty, Coverage, LimitationRecord, PortClass};

use super::coverage::{calls, estate};
use super::ports::{asked, exact, interfaces, name, owner, shell_shown};
use super::{Look, Paint, place};
use crate::untrusted::{Untrusted, visible};
use crate::words::{self, Danger, count, some_of};

/// How many of the worst are named.
const WORST: usize = 3;

/// What the story is told from.
#[derive(Clone, Debug)]
pub struct Story<'a> {
    /// The source as it was given.
    pub source: &'a str,
    /// All classes, inbound.
    pub classes: &'a [PortClass],
    /// What was judged.
    pub coverage: &'a Coverage,
    /// What the answers can't know.
    pub limitations: &'a [LimitationRecord],
}

/// One line of what is open to everyone.
struct OpenToAll<'a> {
    class: &'a PortClass,
    danger: Danger,
}

/// Writes the story.
pub fn write_story(out: &mut impl Write, look: Look, story: &Story<'_>) -> io::Result<()> {
    let coverage = story.coverage;
    let judged = count(coverage.interfaces, "network interface", "network interfaces");
    writeln!(out, "{}", Untrusted(&format!("{judged} in {}.", estate(coverage))))?;
    let worst = open_to_all(story.classes);
    write_open(out, look, story, &worst)?;
    write_others(out, story)?;
    write_unseen(out, story)?;
    write_next(out, story, &worst)
}

fn open_to_all(classes: &[PortClass]) -> Vec<OpenToAll<'_>> {
    let everyone = |class: &&PortClass| {
        class.open.audience == Audience::Internet && class.open.breadth == Breadth::Everyone
    };
    let mut worst: Vec<OpenToAll<'_>> = classes
        .iter()
        .filter(everyone)
        .map(|class| OpenToAll {
            class,
            danger: words::worst(&class.open.protocol, &class.open.ports),
        })
        .collect();
    worst.sort_by_key(|open| (open.danger.rank, open.class.open.certainty));
    worst
}

fn write_open(
    out: &mut impl Write,
    look: Look,
    story: &Story<'_>,
    worst: &[OpenToAll<'_>],
) -> io::Result<()> {
    if story.coverage.interfaces == 0 && worst.is_empty() {
        return writeln!(
            out,
            "No network interface was judged, so nothing can be said of its ports."
        );
    }
    if worst.is_empty() {
        return writeln!(out, "Nothing is open to everyone on the internet.");
    }
    let of: BTreeSet<&String> = worst.iter().flat_map(|open| &open.class.interfaces).collect();
    let mut ports: Vec<String> = Vec::new();
    for open in worst {
        let port = exact(&open.class.open);
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    if story.coverage.interfaces == 0 {
        let head = look.paint(Paint::Red, "By the security groups alone, everyone could reach:");
        let what = format!("{} of whatever wears them", some_of(&ports, 6));
        writeln!(out, "{head} {}.", visible(&what))?;
    } else {
        let head = look.paint(Paint::Red, "Open to everyone on the internet:");
        let what = format!("{} of {}", some_of(&ports, 6), interfaces(of.len()));
        writeln!(out, "{head} {}.", visible(&what))?;
    }
    let bad: Vec<&OpenToAll<'_>> =
        worst.iter().filter(|open| open.danger.rank < 4).take(WORST).collect();
    let mut lead = "The worst:";
    for open in bad {
        writeln!(out, "{lead} {}", visible(&sentence(open)))?;
        lead = "          ";
    }
    Ok(())
}

/// `ssh (tcp/22) of web-3, eni-0a, by sg-1 sgr-1.`
fn sentence(open: &OpenToAll<'_>) -> String {
    let class = open.class;
    let port = exact(&class.open);
    let service = match open.danger.name {
        "" => port,
        name => format!("{name} ({port})"),
    };
    let id = owner(class);
    let whose = match name(class) {
        name if name.is_empty() => id.to_owned(),
        name => format!("{name} ({id})"),
    };
    let because = class.open.because.first().map_or_else(String::new, |cause| {
        let stands = place(&cause.file, cause.line, &cause.at);
        let rule = if cause.id.is_empty() { &stands } else { &cause.id };
        format!(", by {} {rule}", cause.of)
    });
    let certainty = match class.open.certainty {
        Certainty::Certain => "",
        Certainty::Possible => ", possible only",
    };
    format!("{service} of {whose}{because}{certainty}.")
}

fn write_others(out: &mut impl Write, story: &Story<'_>) -> io::Result<()> {
    let some = |class: &&PortClass| match class.open.audience {
        Audience::Internet => class.open.breadth == Breadth::Some,
        Audience::Network => true,
        Audience::Estate => false,
    };
    let of: BTreeSet<&String> = story
        .classes
        .iter()
        .filter(some)
        .flat_map(|class| &class.interfaces)
        .filter(|id| !id.is_empty())
        .collect();
    if of.is_empty() {
        return Ok(());
    }
    writeln!(out, "Open from outside to some, not to everyone: ports of {}.", interfaces(of.len()))
}

fn write_unseen(out: &mut impl Write, story: &Story<'_>) -> io::Result<()> {
    if story.limitations.is_empty() {
        let spare = match story.coverage.not_collected.as_slice() {
            [] => String::new(),
            missing => format!(" (not collected: {})", visible(&calls(missing, 2))),
        };
        return writeln!(out, "Nothing that these answers depend on is missing{spare}.");
    }
    let mut kinds: Vec<String> = Vec::new();
    for limitation in story.limitations {
        let kind = match limitation.code.as_str() {
            "not-collected" => limitation.about.clone(),
            code => format!("{code} {}", limitation.about).trim_end().to_owned(),
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    writeln!(out, "Could not be seen: {}.", visible(&some_of(&kinds, 4)))
}

fn write_next(out: &mut impl Write, story: &Story<'_>, worst: &[OpenToAll<'_>]) -> io::Result<()> {
    let source = shell_shown(story.source);
    writeln!(out, "Ask next:")?;
    writeln!(out, "  portolan ports {source}")?;
    writeln!(out, "  portolan audit {source}")?;
    let class = worst.first().map(|open| open.class).or(story.classes.first());
    if let Some(question) = class.and_then(asked) {
        writeln!(out, "  portolan explain {source} {}", Untrusted(&question))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::samples;

    #[test]
    fn the_worst_comes_first() {
        let mut ssh = samples::port_class();
        ssh.open.ports = "22".into();
        ssh.interfaces.truncate(1);
        let coverage = samples::coverage();
        let story = Story {
            source: "dumps/my estate",
            classes: &[samples::port_class(), ssh],
            coverage: &coverage,
            limitations: &[samples::limitation()],
        };
        let mut out = Vec::new();
        write_story(&mut out, Look::default(), &story).unwrap();
        expect![[r#"
            21 network interfaces in 2 VPCs (111122223333; eu-west-1).
            Open to everyone on the internet: tcp/22, tcp/443 of 3 interfaces.
            The worst: ssh (tcp/22) of web-1 (eni-0a), by sg-1 sgr-1.
            Could not be seen: unknown-security-group sg-9.
            Ask next:
              portolan ports 'dumps/my estate'
              portolan audit 'dumps/my estate'
              portolan explain 'dumps/my estate' internet eni-0a tcp/22
        "#]]
        .assert_eq(&String::from_utf8(out).unwrap());
    }
}
