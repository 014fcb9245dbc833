//! Which limitations count for the exit code.

use std::collections::BTreeSet;

use portolan::model::LimitationCode;
use portolan::record::LimitationRecord;

use crate::error::{Error, nearest};

/// The word that stands for all that is known but not modelled.
const UNMODELLED: &str = "unmodelled";

/// Limitations that were accepted: they stay in the report and leave the exit code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accepted(BTreeSet<&'static str>);

impl Accepted {
    /// Reads the words of `--accept`.
    pub(crate) fn parse(words: &[String]) -> Result<Self, Error> {
        let mut accepted = BTreeSet::new();
        for word in words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
            if word == UNMODELLED {
                let unmodelled = LimitationCode::ALL.iter().filter(|code| code.is_unmodelled());
                accepted.extend(unmodelled.map(|code| code.as_str()));
                continue;
            }
            let code = LimitationCode::ALL.iter().find(|code| code.as_str() == word);
            let Some(code) = code else {
                let mut codes: Vec<&str> = LimitationCode::ALL.iter().map(|c| c.as_str()).collect();
                codes.push(UNMODELLED);
                return Err(Error::NoSuchCode(word.to_owned(), nearest(word, &codes)));
            };
            accepted.insert(code.as_str());
        }
        Ok(Self(accepted))
    }

    /// Whether one of the limitations was not accepted.
    pub(crate) fn leaves<'a>(
        &self,
        limitations: impl IntoIterator<Item = &'a LimitationRecord>,
    ) -> bool {
        limitations.into_iter().any(|limitation| !self.0.contains(limitation.code.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limitation(code: &str) -> LimitationRecord {
        LimitationRecord {
            code: code.to_owned(),
            about: String::new(),
            scope: String::new(),
            at: String::new(),
            collect: String::new(),
        }
    }

    #[test]
    fn what_is_accepted_leaves_the_exit_code() {
        let accepted = Accepted::parse(&["unmodelled".into(), "not-collected".into()]).unwrap();
        assert!(
            !accepted.leaves(&[limitation("regional-nat-gateway"), limitation("not-collected")])
        );
        assert!(accepted.leaves(&[limitation("unknown-vpc")]));
    }

    #[test]
    fn a_misspelt_code_is_an_error() {
        let error = Accepted::parse(&["not-colected".into()]).unwrap_err();
        assert!(matches!(error, Error::NoSuchCode(_, Some("not-collected"))));
    }
}
