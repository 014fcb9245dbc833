//! The table that the bench prints: what was measured, what was promised.

use super::history::Results;

/// The row that speed is worth nothing without.
const RIGHT_ANSWERS: u32 = 7;

/// What a number counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unit {
    /// A ratio, an exponent.
    Plain,
    Seconds,
    Milliseconds,
    Megabytes,
    Percent,
    Count,
}

/// What was promised of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Budget {
    AtMost(f64),
    AtLeast(f64),
    /// Of shares of an estate, which is drawn at random: within a fifth.
    About(f64),
    Exactly(f64),
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Figure {
    Number(f64, Unit),
    /// Why it was not measured.
    Skipped(String),
    /// It could not be measured; stderr says why.
    Failed,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// The row of the budgets that it belongs to.
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) figure: Figure,
    pub(super) budget: Option<Budget>,
}

/// All lines so far.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
}

impl Table {
    /// Adds a measured number.
    pub(super) fn number(
        &mut self,
        number: u32,
        name: impl Into<String>,
        (value, unit): (f64, Unit),
        budget: Option<Budget>,
    ) {
        let figure = Figure::Number(value, unit);
        self.rows.push(Row { number, name: name.into(), figure, budget });
    }

    /// Adds something that was not measured.
    pub(super) fn missing(
        &mut self,
        number: u32,
        name: impl Into<String>,
        figure: Figure,
        budget: Option<Budget>,
    ) {
        self.rows.push(Row { number, name: name.into(), figure, budget });
    }

    /// How many numbers miss their budget.
    pub(super) fn misses(&self) -> usize {
        self.rows.iter().filter(|row| row.miss().is_some()).count()
    }

    /// Whether everything could be measured and the answers are right (row 7).
    pub(super) fn is_sound(&self) -> bool {
        self.rows.iter().all(|row| {
            row.figure != Figure::Failed && (row.number != RIGHT_ANSWERS || row.miss().is_none())
        })
    }

    /// As text; beside each number how it changed since the results before.
    pub(super) fn print(&self, before: Option<&Results>) -> String {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or(0) + 5;
        let mut lines = vec![format!(
            "{:<width$}{:>12}{:>14}  {:<22}change",
            "", "measured", "budget", "verdict"
        )];
        for row in &self.rows {
            let unit = match row.figure {
                Figure::Number(_, unit) => unit,
                Figure::Skipped(_) | Figure::Failed => Unit::Plain,
            };
            let measured = match &row.figure {
                Figure::Number(value, unit) => show(*value, *unit),
                Figure::Skipped(_) => "SKIPPED".to_owned(),
                Figure::Failed => "FAILED".to_owned(),
            };
            let verdict = match (&row.figure, row.budget) {
                (Figure::Skipped(why), _) => why.clone(),
                (Figure::Failed, _) | (_, None) => String::new(),
                (Figure::Number(..), Some(_)) => row.miss().unwrap_or_else(|| "holds".to_owned()),
            };
            let change = before.and_then(|before| row.change(before)).unwrap_or_default();
            let budget = row.budget.map(|budget| budget.show(unit)).unwrap_or_default();
            let name = format!("{:>2}  {}", row.number, row.name);
            let line = format!("{name:<width$}{measured:>12}{budget:>14}  {verdict:<22}{change}");
            lines.push(line.trim_end().to_owned());
        }
        lines.join("\n")
    }
}

impl Row {
    /// The name under which the number is kept.
    pub(super) fn key(&self) -> String {
        format!("{}: {}", self.number, self.name)
    }

    /// By how much the budget is missed, if it is.
    fn miss(&self) -> Option<String> {
        let Figure::Number(value, _) = self.figure else { return None };
        let percent = |of: f64, to: f64| format!("misses by {:.0} %", 100.0 * (of / to - 1.0));
        match self.budget? {
            Budget::AtMost(limit) if value > limit => Some(percent(value, limit)),
            Budget::AtLeast(limit) if value < limit => Some(percent(limit, value)),
            Budget::About(limit) if value < 0.8 * limit => Some(percent(limit, value)),
            Budget::About(limit) if value > 1.2 * limit => Some(percent(value, limit)),
            // Of counts, which are whole.
            Budget::Exactly(limit) if (value - limit).abs() > 0.5 => {
                Some(format!("misses by {}", value - limit))
            }
            Budget::AtMost(_) | Budget::AtLeast(_) | Budget::About(_) | Budget::Exactly(_) => None,
        }
    }

    /// How the number changed; what grew by more than a tenth is worse.
    fn change(&self, before: &Results) -> Option<String> {
        let Figure::Number(value, _) = self.figure else { return None };
        let known = *before.figures.get(&self.key())?;
        let smaller_is_better = matches!(self.budget, Some(Budget::AtMost(_)));
        if !smaller_is_better || known <= 0.0 {
            return None;
        }
        let change = 100.0 * (value / known - 1.0);
        let worse = if change > 10.0 { "  WORSE" } else { "" };
        Some(format!("{change:+.0} %{worse}"))
    }
}

impl Budget {
    fn show(self, unit: Unit) -> String {
        match self {
            Self::AtMost(limit) => format!("<= {}", show(limit, unit)),
            Self::AtLeast(limit) => format!(">= {}", show(limit, unit)),
            Self::About(limit) => format!("about {}", show(limit, unit)),
            Self::Exactly(limit) => show(limit, unit),
        }
    }
}

fn show(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Plain => format!("{value:.2}"),
        Unit::Seconds => format!("{value:.3} s"),
        Unit::Milliseconds => format!("{value:.3} ms"),
        Unit::Megabytes => format!("{value:.0} MB"),
        Unit::Percent => format!("{value:.1} %"),
        Unit::Count => format!("{value:.0}"),
    }
}

/// A count as a number that can be divided.
#[expect(
    clippy::as_conversions,
    reason = "a count below 2^53, printed with a few digits; there is no From for it"
)]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: f64, budget: Budget) -> Row {
        let figure = Figure::Number(value, Unit::Plain);
        Row { number: 1, name: "x".to_owned(), figure, budget: Some(budget) }
    }

    #[test]
    fn a_budget_is_missed_by_how_much() {
        assert_eq!(row(4.0, Budget::AtMost(4.0)).miss(), None);
        assert_eq!(row(5.0, Budget::AtMost(4.0)).miss().as_deref(), Some("misses by 25 %"));
        assert_eq!(row(4.0, Budget::AtLeast(8.0)).miss().as_deref(), Some("misses by 100 %"));
        assert_eq!(row(27.0, Budget::About(30.0)).miss(), None);
        assert_eq!(row(3.0, Budget::Exactly(0.0)).miss().as_deref(), Some("misses by 3"));
    }

    #[test]
    fn a_wrong_answer_is_no_question_of_speed() {
        let mut table = Table::default();
        table.number(
            7,
            "flows answered differently",
            (1.0, Unit::Count),
            Some(Budget::Exactly(0.0)),
        );
        assert!(!table.is_sound());
    }

    #[test]
    fn what_grew_by_more_than_a_tenth_is_worse() {
        let mut before = Results::default();
        before.figures.insert("1: x".to_owned(), 2.0);
        let change = |value| row(value, Budget::AtMost(4.0)).change(&before);
        assert_eq!(change(2.1).as_deref(), Some("+5 %"));
        assert_eq!(change(1.0).as_deref(), Some("-50 %"));
        assert_eq!(change(3.0).as_deref(), Some("+50 %  WORSE"));
    }

    #[test]
    fn what_was_not_measured_says_so() {
        let mut table = Table::default();
        table.number(1, "ratio", (5.0, Unit::Plain), Some(Budget::AtMost(4.0)));
        table.missing(9, "what-if", Figure::Skipped("no room".to_owned()), None);
        let text = table.print(None);
        assert!(text.contains("misses by 25 %"), "{text}");
        assert!(text.contains("SKIPPED") && text.contains("no room"), "{text}");
        assert_eq!(table.misses(), 1);
        assert!(table.is_sound());
        table.missing(5, "one VPC", Figure::Failed, None);
        assert!(!table.is_sound());
    }
}
