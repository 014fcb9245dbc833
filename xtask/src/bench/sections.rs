//! What is run for which row, and in what order.

use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::cost::{Contestant, Cost, Records, contest};
use super::estates::{Estates, Kept};
use super::inside::{self, Delays, Inside};
use super::network;
use super::table::Unit::{Count, Megabytes, Milliseconds, Percent, Plain, Seconds};
use super::table::{Budget, Figure, Table, float};
use crate::generate::{Counts, Shape};

/// How many flows are asked of the engine and of the specification.
const FLOWS: u32 = 10_000;

/// How many questions `explain` is asked.
const QUESTIONS: u32 = 2_000;

/// How many rules are edited, each there and back.
const EDITS: u32 = 2_000;

type Done = Result<(), Box<dyn Error>>;

/// Everything that a run needs, and the rows so far.
pub(super) struct Bench {
    pub(super) xtask: PathBuf,
    pub(super) portolan: PathBuf,
    pub(super) loaded: PathBuf,
    pub(super) runs: u32,
    pub(super) estates: Estates,
    pub(super) interfaces: u32,
    pub(super) one_vpc: u32,
    pub(super) shape: Shape,
    pub(super) table: Table,
    pub(super) network: network::Programs,
    pub(super) quick: bool,
}

/// Floor, `ports --by class`, and `ports` by interface.
enum Asked {
    Class,
    Interface,
}

impl Bench {
    /// Fills the table.
    pub(super) fn all(&mut self) -> Done {
        self.version()?;
        match self.estates.of(self.interfaces, self.shape)? {
            Ok(estate) => {
                self.section(1, "ports of the estate", |bench| bench.speed(&estate));
                self.mix(&estate.counts);
                self.section(4, "inside the estate", |bench| bench.inside(&estate));
                self.section(9, "what-if", |bench| bench.what_if(&estate));
            }
            Err(why) => self.skipped(1, "everything about the estate", &why),
        }
        for (name, shape) in [
            ("indented", Shape { indented: true, ..self.shape }),
            ("one file", Shape { one_file: true, accounts: None, ..self.shape }),
        ] {
            // A shape that was asked for is the estate itself.
            if shape != self.shape {
                self.section(3, name, |bench| bench.written(name, shape));
            }
        }
        self.section(5, "one VPC", Self::largest_vpc);
        self.section(11, "labs and scans", |bench| {
            Self::tell("labs and scans, beside nmap and masscan");
            network::measure(&bench.network, bench.quick, &mut bench.table)
        });
        Ok(())
    }

    /// Does a part; if it fails, the others are worth having all the same.
    fn section(&mut self, number: u32, name: &str, part: impl FnOnce(&mut Self) -> Done) {
        if let Err(error) = part(self) {
            eprintln!("bench: {name}: FAILED: {error}");
            self.table.missing(number, name, Figure::Failed, None);
        }
    }

    /// Says what is going on; it takes minutes.
    fn tell(what: &str) {
        eprintln!("bench: {what}");
    }

    fn skipped(&mut self, number: u32, name: &str, why: &str) {
        eprintln!("bench: {name}: SKIPPED: {why}");
        self.table.missing(number, name, Figure::Skipped(why.to_owned()), None);
    }

    fn floor(&self, estate: &Kept) -> Contestant {
        let command = vec![self.xtask.clone().into(), "floor".into(), estate.dir.clone().into()];
        Contestant { command, codes: &[0] }
    }

    fn ports(&self, estate: &Kept, asked: &Asked) -> Contestant {
        let by = match asked {
            Asked::Class => "class",
            Asked::Interface => "interface",
        };
        let mut command: Vec<OsString> =
            vec![self.portolan.clone().into(), "ports".into(), estate.dir.clone().into()];
        command.extend(["--by", by, "--format", "jsonl"].map(OsString::from));
        // 3: done, and part of the estate was not seen.
        Contestant { command, codes: &[0, 3] }
    }

    /// Rows 1, 2 and 6 of the estate.
    fn speed(&mut self, estate: &Kept) -> Done {
        Self::tell("floor, ports by class and ports by interface in turn");
        let contestants = [
            self.floor(estate),
            self.ports(estate, &Asked::Class),
            self.ports(estate, &Asked::Interface),
        ];
        let [floor, class, interface] = contest(&self.xtask, self.runs, &contestants)?;
        self.table.number(1, "JSON of the estate", (float(estate.bytes) / 1e6, Megabytes), None);
        self.times(1, "xtask floor", &floor);
        self.times(1, "ports --by class", &class);
        self.ratios(1, "ports --by class / floor", (&class, &floor), 4.0);
        self.times(2, "ports by interface", &interface);
        self.ratios(2, "ports by interface / by class", (&interface, &class), 3.0);
        self.memory("", &class, estate);
        Ok(())
    }

    /// The same estate, written another way.
    fn written(&mut self, name: &str, shape: Shape) -> Done {
        let estate = match self.estates.of(self.interfaces, shape)? {
            Ok(estate) => estate,
            Err(why) => {
                self.skipped(3, name, &why);
                return Ok(());
            }
        };
        Self::tell(&format!("{name}: floor and ports by class in turn"));
        let contestants = [self.floor(&estate), self.ports(&estate, &Asked::Class)];
        let [floor, class] = contest(&self.xtask, self.runs, &contestants)?;
        self.ratios(3, &format!("{name}: ports --by class / floor"), (&class, &floor), 4.0);
        self.memory(&format!("{name}: "), &class, &estate);
        Ok(())
    }

    /// Row 3: how the estate is mixed, as its generator counted.
    fn mix(&mut self, counts: &Counts) {
        let each = |count: u32, of: u32| f64::from(count) / f64::from(of.max(1));
        let million = |count: u32| 1e6 * each(count, counts.interfaces);
        let share = |count: u32, of: u32| 100.0 * each(count, of);
        let all = counts.interfaces;
        for (name, figure, budget) in [
            ("interfaces", (f64::from(all), Count), Budget::Exactly(f64::from(self.interfaces))),
            (
                "classes (subnet, group set) per million interfaces",
                (million(counts.classes), Count),
                Budget::AtLeast(150_000.0),
            ),
            (
                "interfaces with a group set of their own",
                (share(counts.one_off_sets, all), Percent),
                Budget::About(5.0),
            ),
            (
                "interfaces with restricted egress",
                (share(counts.restricted_egress, all), Percent),
                Budget::About(15.0),
            ),
            ("interfaces with IPv6", (share(counts.with_ipv6, all), Percent), Budget::About(30.0)),
            (
                "rules that name a prefix list",
                (share(counts.prefix_list_rules, counts.rules), Percent),
                Budget::About(3.0),
            ),
            (
                "tags of an instance",
                (each(counts.tags, counts.instances), Plain),
                Budget::Exactly(8.0),
            ),
        ] {
            self.table.number(3, name, figure, Some(budget));
        }
    }

    /// Rows 3 (ranges), 4 (a), 7 and 8: what a process finds that holds the estate.
    fn inside(&mut self, estate: &Kept) -> Done {
        Self::tell("in one process: evaluation, records, flows, explain");
        let mut arguments = evaluation(self.runs);
        arguments.extend(["--records".to_owned()]);
        arguments.extend([format!("--flows={FLOWS}"), format!("--explain={QUESTIONS}")]);
        let found = inside::ask(&self.loaded, &estate.dir, &arguments)?;
        self.table.number(
            3,
            "result ranges per million interfaces",
            (1e6 * float(found.records) / float(found.interfaces.max(1)), Count),
            Some(Budget::AtLeast(8e6)),
        );
        self.growth_by_vpcs(estate, &found)?;
        self.counts(estate, &found)?;
        self.flows(&found);
        for (name, delays) in [
            ("explain, ends by address", found.explain_by_address),
            ("explain, ends by id", found.explain_by_id),
        ] {
            self.delays(8, name, delays, (1.0, None));
        }
        Ok(())
    }

    /// Row 9: a process of its own, since it holds all answers of the estate.
    fn what_if(&mut self, estate: &Kept) -> Done {
        Self::tell("rules edited, answers updated");
        let arguments = [format!("--edits={EDITS}")];
        let found = inside::ask(&self.loaded, &estate.dir, &arguments)?;
        self.delays(9, "rule edited, answers updated", found.what_if, (1.0, Some(50.0)));
        Ok(())
    }

    /// Row 4 (a): a tenth of the VPCs against all.
    fn growth_by_vpcs(&mut self, large: &Kept, found: &Inside) -> Done {
        Self::tell("growth by more VPCs");
        let small = match self.estates.of((self.interfaces / 10).max(10), self.shape)? {
            Ok(small) => small,
            Err(why) => {
                self.skipped(4, "growth by more VPCs", &why);
                return Ok(());
            }
        };
        let before = inside::ask(&self.loaded, &small.dir, &evaluation(self.runs))?;
        self.growth("more VPCs", (&small, &before), (large, found), 1.05);
        Ok(())
    }

    /// Rows 4 (b), 5 and 6: one VPC.
    fn largest_vpc(&mut self) -> Done {
        let shape = Shape { one_vpc: true, ..Shape::default() };
        let small = (self.one_vpc / 16).max(10);
        let both = (self.estates.of(small, shape)?, self.estates.of(self.one_vpc, shape)?);
        let (small, large) = match both {
            (Ok(small), Ok(large)) => (small, large),
            (Err(why), _) | (_, Err(why)) => {
                for (row, name) in [(4, "growth of one VPC"), (5, "one VPC"), (6, "one VPC")] {
                    self.skipped(row, name, &why);
                }
                return Ok(());
            }
        };
        Self::tell("one VPC: floor and ports by class in turn");
        let contestants = [self.floor(&large), self.ports(&large, &Asked::Class)];
        let [floor, class] = contest(&self.xtask, self.runs, &contestants)?;
        self.table.number(
            5,
            format!("one VPC of {} interfaces, ports --by class, wall", self.one_vpc),
            (class.wall.as_secs_f64(), Seconds),
            Some(Budget::AtMost(10.0)),
        );
        let wall = class.wall.as_secs_f64() / floor.wall.as_secs_f64().max(1e-9);
        self.table.number(5, "the same over the floor, wall", (wall, Plain), None);
        self.memory("one VPC: ", &class, &large);

        Self::tell("growth of one VPC");
        let before = inside::ask(&self.loaded, &small.dir, &evaluation(self.runs))?;
        let found = inside::ask(&self.loaded, &large.dir, &evaluation(self.runs))?;
        self.growth("one VPC", (&small, &before), (&large, &found), 1.2);
        Ok(())
    }

    /// The exponent of processor time over interfaces.
    fn growth(
        &mut self,
        name: &str,
        (small, before): (&Kept, &Inside),
        (large, after): (&Kept, &Inside),
        budget: f64,
    ) {
        let seconds = |found: &Inside| found.evaluation.processor_seconds.max(1e-6);
        let interfaces = |estate: &Kept| f64::from(estate.counts.interfaces);
        for (estate, found) in [(small, before), (large, after)] {
            let name = format!("{name}: evaluation of {}, user+sys", estate.counts.interfaces);
            self.table.number(4, name, (seconds(found), Seconds), None);
        }
        let exponent =
            (seconds(after) / seconds(before)).ln() / (interfaces(large) / interfaces(small)).ln();
        let name = format!("{name}: growth exponent of evaluation");
        self.table.number(4, name, (exponent, Plain), Some(Budget::AtMost(budget)));
    }

    /// Row 7: what must come out, by construction.
    fn counts(&mut self, estate: &Kept, found: &Inside) -> Done {
        Self::tell("counting the records of ports by interface");
        let ports = self.ports(estate, &Asked::Interface);
        let Cost { records, said, .. } = ports.once(&self.xtask, true)?;
        let records: Records = records.ok_or("the records were not counted")?;
        let Counts { interfaces, vpcs, rules, acl_entries, .. } = estate.counts;
        let judged = judged(&said).ok_or_else(|| format!("no coverage line in: {said}"))?;
        let exact = |count: u64, expected: u64| {
            ((float(count), Count), Some(Budget::Exactly(float(expected))))
        };
        let all_rules = u64::from(rules) + u64::from(acl_entries);
        for (name, (figure, budget)) in [
            ("interfaces judged", exact(judged.interfaces, interfaces.into())),
            ("rules judged", exact(judged.rules, all_rules)),
            ("VPCs judged", exact(judged.vpcs, vpcs.into())),
            ("limitations", exact(found.limitations, 0)),
            (
                "records written that were not computed",
                exact(records.count.saturating_sub(found.records), 0),
            ),
            ("records lost on the way out", exact(found.records.saturating_sub(records.count), 0)),
            (
                "interfaces with records that do not exist",
                exact(records.interfaces.saturating_sub(interfaces.into()), 0),
            ),
        ] {
            self.table.number(7, name, figure, budget);
        }
        let open = (float(records.interfaces), Count);
        self.table.number(7, "interfaces with open ports", open, None);
        self.table.number(2, "output by interface", (float(records.bytes) / 1e6, Megabytes), None);
        Ok(())
    }

    /// Row 7: the engine against the specification.
    fn flows(&mut self, found: &Inside) {
        let flows = &found.flows;
        let open = 100.0 * float(flows.open) / float(flows.asked.max(1));
        let asked = Budget::AtLeast(f64::from(FLOWS));
        self.table.number(
            7,
            "flows asked of engine and specification",
            (float(flows.asked), Count),
            Some(asked),
        );
        self.table.number(7, "flows that are open", (open, Percent), Some(Budget::AtLeast(25.0)));
        let wrong = (float(flows.wrong), Count);
        self.table.number(7, "flows answered differently", wrong, Some(Budget::Exactly(0.0)));
        if let Some(first) = &flows.first_wrong {
            eprintln!("bench: the engine is WRONG: {first}");
        }
    }

    /// Start-up.
    fn version(&mut self) -> Done {
        let command = vec![self.portolan.clone().into(), "--version".into()];
        let version = Contestant { command, codes: &[0] };
        let mut walls = Vec::new();
        for _ in 0..20 {
            walls.push(version.once(&self.xtask, false)?.wall);
        }
        walls.sort_unstable();
        let median = walls.get(walls.len() / 2).copied().unwrap_or_default();
        self.table.number(
            10,
            "portolan --version, median of 20",
            (milliseconds(median), Milliseconds),
            Some(Budget::AtMost(10.0)),
        );
        Ok(())
    }

    fn times(&mut self, number: u32, name: &str, cost: &Cost) {
        let wall = (cost.wall.as_secs_f64(), Seconds);
        self.table.number(number, format!("{name}, wall"), wall, None);
        let processor = (cost.processor.as_secs_f64(), Seconds);
        self.table.number(number, format!("{name}, user+sys"), processor, None);
    }

    fn ratios(&mut self, number: u32, name: &str, (of, to): (&Cost, &Cost), budget: f64) {
        let ratio = |of: Duration, to: Duration| of.as_secs_f64() / to.as_secs_f64().max(1e-9);
        for (what, value) in
            [("wall", ratio(of.wall, to.wall)), ("user+sys", ratio(of.processor, to.processor))]
        {
            let budget = Some(Budget::AtMost(budget));
            self.table.number(number, format!("{name}, {what}"), (value, Plain), budget);
        }
    }

    /// Row 6: 300 MB and 1.5 KB for each interface.
    fn memory(&mut self, shape: &str, cost: &Cost, estate: &Kept) {
        let budget = 300.0 + 1.5e-3 * f64::from(estate.counts.interfaces);
        self.table.number(
            6,
            format!("{shape}peak memory of ports --by class"),
            (float(cost.peak_bytes) / 1e6, Megabytes),
            Some(Budget::AtMost(budget)),
        );
    }

    fn delays(&mut self, number: u32, name: &str, delays: Delays, budgets: (f64, Option<f64>)) {
        let (median, p99) = (budgets.0, budgets.1.unwrap_or(budgets.0));
        for (what, value, budget) in
            [("median", delays.median_ms, median), ("p99", delays.p99_ms, p99)]
        {
            let name = format!("{name}, {what} of {}", delays.asked);
            self.table.number(number, name, (value, Milliseconds), Some(Budget::AtMost(budget)));
        }
    }
}

/// What `loaded` is asked to time evaluation.
fn evaluation(runs: u32) -> Vec<String> {
    vec![format!("--evaluate={runs}")]
}

fn milliseconds(duration: Duration) -> f64 {
    1e3 * duration.as_secs_f64()
}

/// What the coverage line says was judged.
#[derive(Debug, Eq, PartialEq)]
struct Judged {
    interfaces: u64,
    rules: u64,
    vpcs: u64,
}

/// Reads `judged: 21 interfaces and 87 rules in 2 VPCs (…)`.
fn judged(said: &str) -> Option<Judged> {
    let line = said.lines().find_map(|line| line.split_once("judged: "))?.1;
    let mut numbers = line.split_whitespace().filter_map(|word| word.parse().ok());
    Some(Judged { interfaces: numbers.next()?, rules: numbers.next()?, vpcs: numbers.next()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coverage_line_is_read() {
        let said = "judged: 21 interfaces and 1087 rules in 2 VPCs (1; eu-west-1); 0 limitations";
        assert_eq!(judged(said), Some(Judged { interfaces: 21, rules: 1_087, vpcs: 2 }));
        assert_eq!(judged("nothing"), None);
    }
}
