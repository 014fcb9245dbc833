//! `explain` for people: the verdict and its reason, the way and the way back.

use std::io::{self, Write};

use portolan::model::LimitationCode;
use portolan::record::{
    Certainty, Clients, Coverage, Explanation, Hop, LimitationRecord, OpenFor, Verdict,
};

use super::coverage::write_coverage;
use super::ports::shell_shown;
use super::{Columns, Fit, Look, Paint, place};
use crate::refusal;
use crate::untrusted::{Untrusted, visible};
use crate::words::{self, count, shell_word, some_of};

/// A terminal on which whole paths fit beside the hops.
const WIDE: u16 = 140;

/// How many members of a set are listed.
const MEMBERS: usize = 20;

/// Writes one explanation, and of addresses that it names whose they are.
pub fn write_explanation(
    out: &mut impl Write,
    look: Look,
    answer: &Explanation,
    whose: &[(&str, Vec<String>)],
    coverage: &Coverage,
) -> io::Result<()> {
    let (paint, word) = verdict(answer);
    let (from, to, port) = (visible(&answer.from), visible(&answer.to), visible(&answer.port));
    writeln!(out, "{}: {from} to {to} at {port}", look.paint(paint, word))?;
    for reason in reasons(answer) {
        writeln!(out, "{}", Untrusted(&reason))?;
    }
    for (text, labels) in whose.iter().filter(|(_, labels)| !labels.is_empty()) {
        writeln!(out, "{}: {}", visible(text), Untrusted(&labels.join("; ")))?;
    }
    let folder = shared_folder(look, answer);
    // Of a set, one pair is shown.
    let of_set = if answer.open_for.is_empty() { "" } else { ", of one of them" };
    hops(out, look, &format!("forward{of_set}"), &answer.forward, folder)?;
    hops(out, look, &format!("reply{of_set}"), &answer.reply, folder)?;
    if !folder.is_empty() {
        writeln!(out, "\nthe files are in {}", Untrusted(folder))?;
    }
    members(out, look, &answer.open_for)?;
    limitations(out, look, &answer.limitations)?;
    if !answer.assumptions.is_empty() {
        writeln!(out, "\nassumed: {}", Untrusted(&answer.assumptions.join(", ")))?;
    }
    writeln!(out)?;
    write_coverage(out, look, coverage)
}

/// Writes the answers of a batch, one line each, then how many of each there are.
pub fn write_explanations(
    out: &mut impl Write,
    look: Look,
    source: &str,
    answers: &[Explanation],
    coverage: &Coverage,
) -> io::Result<()> {
    let mut columns = Columns::new(
        look,
        Some(&["VERDICT", "FROM", "TO", "PORT", "WHY"]),
        &[Fit::Whole, Fit::Whole, Fit::Whole, Fit::Whole, Fit::Wrapped],
    );
    let mut counts = [0_u64; 3];
    for answer in answers {
        let [open, closed, unknown] = &mut counts;
        *match answer.verdict {
            Verdict::Open => open,
            Verdict::Closed => closed,
            Verdict::Unknown => unknown,
        } += 1;
        let (_, word) = verdict(answer);
        let why = reasons(answer).into_iter().next().unwrap_or_default();
        let cells = [word, &answer.from, &answer.to, &answer.port, &why].map(str::to_owned);
        columns.row(&cells);
    }
    write!(out, "{}", columns.render())?;
    let [open, closed, unknown] = counts;
    let questions = count(words::length(answers), "question", "questions");
    writeln!(out, "\n{questions}: {open} open, {closed} closed, {unknown} unknown")?;
    if let Some(answer) = answers.first() {
        let asked = [&answer.from, &answer.to, &answer.port].map(|text| shell_word(text)).join(" ");
        writeln!(out, "why: portolan explain {} {}", shell_shown(source), Untrusted(&asked))?;
    }
    write_coverage(out, look, coverage)
}

fn verdict(answer: &Explanation) -> (Paint, &'static str) {
    match (answer.verdict, answer.clients) {
        (Verdict::Open, Clients::Some) => (Paint::Yellow, "open for some clients"),
        (Verdict::Open, Clients::All | Clients::None | Clients::Unknown) => (Paint::Red, "open"),
        (Verdict::Closed, _) => (Paint::Green, "closed"),
        (Verdict::Unknown, _) => (Paint::Yellow, "unknown"),
    }
}

/// Why, in plain words: a line each.
pub(crate) fn reasons(answer: &Explanation) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    match answer.verdict {
        Verdict::Open => lines.push(admitted(answer)),
        Verdict::Closed if answer.blocked_by.is_empty() => {
            lines.push("no way leads there".to_owned());
        }
        Verdict::Closed => {}
        Verdict::Unknown => lines.push(match answer.limitations.as_slice() {
            [] => "it depends on what was not seen".to_owned(),
            [one] => format!("it depends on {}", limitation(one)),
            [one, more @ ..] => {
                format!("it depends on {} and {} more", limitation(one), more.len())
            }
        }),
    }
    for by in &answer.blocked_by {
        let stands = place(&by.file, by.line, &by.at);
        let stands = if stands.is_empty() { stands } else { format!(", {stands}") };
        lines.push(format!("{}{stands}", refusal::clause(by)));
    }
    if answer.verdict == Verdict::Open {
        lines.extend(words::clients(answer.clients, &answer.client_ports));
    }
    if !answer.also.is_empty() {
        lines.push(format!("also: {}", answer.also));
    }
    lines
}

/// The rules that admit the packet.
fn admitted(answer: &Explanation) -> String {
    let mut rules: Vec<String> = Vec::new();
    for hop in answer.forward.iter().filter(|hop| hop.action == "allow") {
        let rule = format!("{} {}", hop.id, hop.rule).trim().to_owned();
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    let gets = match answer.clients {
        Clients::All => "the answer gets back",
        Clients::Some => "some answers get back",
        Clients::None | Clients::Unknown => "whether the answer gets back can't be told",
    };
    match rules.as_slice() {
        [] => format!("nothing on the way refuses it; {gets}"),
        rules => format!("admitted by {}; {gets}", some_of(rules, 4)),
    }
}

fn limitation(limitation: &LimitationRecord) -> String {
    match limitation.about.as_str() {
        "" => limitation.code.clone(),
        about => format!("{about} ({})", limitation.code),
    }
}

/// On a narrow terminal: the folder that all files of the hops are in, to be said once.
fn shared_folder(look: Look, answer: &Explanation) -> &str {
    if look.width.is_none_or(|width| width >= WIDE) {
        return "";
    }
    let hops = answer.forward.iter().chain(&answer.reply);
    hops.map(|hop| hop.file.as_str())
        .filter(|file| !file.is_empty())
        .map(|file| file.rfind('/').and_then(|end| file.get(..=end)).unwrap_or_default())
        .reduce(|shared, folder| {
            let mut shared = shared;
            while !folder.starts_with(shared) {
                let parent = shared.trim_end_matches('/').rfind('/');
                shared = parent.and_then(|end| shared.get(..=end)).unwrap_or_default();
            }
            shared
        })
        .unwrap_or_default()
}

fn hops(out: &mut impl Write, look: Look, way: &str, hops: &[Hop], folder: &str) -> io::Result<()> {
    if hops.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", look.paint(Paint::Bold, way))?;
    let places: Vec<String> = hops
        .iter()
        .map(|hop| place(hop.file.strip_prefix(folder).unwrap_or(&hop.file), hop.line, &hop.at))
        .collect();
    // What is short stays in one piece.
    let short = places.iter().all(|place| place.len() <= 32);
    let fit = if short { Fit::Whole } else { Fit::Wrapped };
    let mut columns =
        Columns::new(look, None, &[Fit::Whole, Fit::Whole, Fit::Whole, Fit::Wrapped, fit]);
    for ((hop, place), number) in hops.iter().zip(places).zip(1_u64..) {
        let stage = match hop.stage.as_str() {
            "egress" => "out",
            "ingress" => "in",
            other => other,
        };
        let rule = match (hop.rule.is_empty(), hop.detail.is_empty()) {
            (false, false) => format!("{}: {}", hop.rule, hop.detail),
            (false, true) => hop.rule.clone(),
            (true, _) => hop.detail.clone(),
        };
        columns.row(&[
            format!("{number} {}", hop.action),
            stage.to_owned(),
            format!("{} {}", hop.component.replace('-', " "), hop.id).trim_end().to_owned(),
            rule,
            place,
        ]);
    }
    write!(out, "{}", columns.render())
}

fn members(out: &mut impl Write, look: Look, open_for: &[OpenFor]) -> io::Result<()> {
    if open_for.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", look.paint(Paint::Bold, "who can"))?;
    let mut columns = Columns::new(look, None, &[Fit::Whole, Fit::Whole, Fit::Whole, Fit::Wrapped]);
    for member in open_for.iter().take(MEMBERS) {
        let mut notes = Vec::new();
        if member.count > 1 {
            notes.push(format!("and {} alike", member.count - 1));
        }
        if member.certainty == Certainty::Possible {
            notes.push("possible only".to_owned());
        }
        columns.row(&[
            member.from.clone(),
            member.to.clone(),
            member.port.clone(),
            notes.join("; "),
        ]);
    }
    write!(out, "{}", columns.render())?;
    match open_for.len().saturating_sub(MEMBERS) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more (`--format json`)"),
    }
}

fn limitations(
    out: &mut impl Write,
    look: Look,
    limitations: &[LimitationRecord],
) -> io::Result<()> {
    if limitations.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", look.paint(Paint::Bold, "not seen or not modelled"))?;
    for item in limitations.iter().take(MEMBERS) {
        let scope = if item.scope.is_empty() { String::new() } else { format!(", {}", item.scope) };
        let at = if item.at.is_empty() {
            String::new()
        } else {
            format!(", referred to at {}", item.at)
        };
        let meaning = LimitationCode::ALL
            .iter()
            .find(|code| code.as_str() == item.code)
            .map_or_else(String::new, |code| format!(". {}", code.description()));
        let line = format!("{}{scope}{at}{meaning}", limitation(item));
        writeln!(out, "  {}", Untrusted(&line))?;
    }
    if let Some(more) = limitations.len().checked_sub(MEMBERS).filter(|&more| more > 0) {
        writeln!(out, "  and {more} more (`--format json`)")?;
    }
    let mut commands: Vec<&str> = limitations
        .iter()
        .map(|item| item.collect.as_str())
        .filter(|command| !command.is_empty())
        .collect();
    commands.dedup();
    if commands.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", look.paint(Paint::Bold, "to know more, collect"))?;
    for command in commands.iter().take(MEMBERS) {
        writeln!(out, "  {}", Untrusted(command))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::samples;

    #[test]
    fn a_lost_reply_is_said_first() {
        let mut out = Vec::new();
        let look = Look { color: false, width: Some(100) };
        write_explanation(&mut out, look, &samples::explanation(), &[], &samples::coverage())
            .unwrap();
        expect![[r#"
            closed: 10.0.0.5 to 10.0.1.10 at tcp/22
            no rule of network ACL acl-1 lets the reply leave the subnet (SUBNET_ACL_RESTRICTION), dump/NetworkAcls.json:30

            forward
              1 allow  in  security group sg-1  sgr-1: tcp/22 from 10.0.0.0/16  SecurityGroups.json:14

            reply
              1 deny  out  network acl acl-1  *           NetworkAcls.json#/NetworkAcls/1

            the files are in dump/

            not seen or not modelled
              sg-9 (unknown-security-group), 111122223333/us-east-1, referred to at SecurityGroups.json#/SecurityGroups/0/IpPermissions/1. A security group that something refers to is not in the source.

            to know more, collect
              aws ec2 describe-security-groups --group-ids sg-9 > SecurityGroups.json

            assumed: instances-running

            judged: 21 interfaces and 87 rules in 2 VPCs (111122223333; eu-west-1); not collected: describe-instances (111122223333/eu-west-1); 1 limitation; assumed: instances-running
        "#]].assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn a_batch_is_a_line_a_question() {
        let mut out = Vec::new();
        let answers = [samples::explanation()];
        write_explanations(&mut out, Look::default(), "dump", &answers, &samples::coverage())
            .unwrap();
        expect![[r#"
              VERDICT  FROM      TO         PORT    WHY
              closed   10.0.0.5  10.0.1.10  tcp/22  no rule of network ACL acl-1 lets the reply leave the subnet (SUBNET_ACL_RESTRICTION), dump/NetworkAcls.json:30

            1 question: 0 open, 1 closed, 0 unknown
            why: portolan explain dump 10.0.0.5 10.0.1.10 tcp/22
            judged: 21 interfaces and 87 rules in 2 VPCs (111122223333; eu-west-1); not collected: describe-instances (111122223333/eu-west-1); 1 limitation; assumed: instances-running
        "#]].assert_eq(&String::from_utf8(out).unwrap());
    }
}
