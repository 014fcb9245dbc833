//! What stands in no VPC.

use super::{Reader, Said, setting, take, unknown};
use crate::model::{Certificate, PublicEndpoint, ServiceKind, TextId};
use crate::testing::parse;

impl Reader {
    pub(super) fn certificate(&mut self, name: &str, words: std::slice::Iter<'_, &str>) -> Said {
        let mut certificate = Certificate {
            id: self.text(name),
            place: self.place,
            name: TextId::EMPTY,
            status: TextId::EMPTY,
            not_after: None,
        };
        for &word in words {
            if let Some(seconds) = setting(word, "ends") {
                let seconds = seconds.parse().map_err(|_| format!("`{seconds}` is no time"))?;
                certificate.not_after = Some(seconds);
            } else if let Some(status) = setting(word, "status") {
                certificate.status = self.text(status);
            } else {
                return unknown(word);
            }
        }
        self.builder.add_certificate(certificate);
        Ok(())
    }

    pub(super) fn public_endpoint(
        &mut self,
        name: &str,
        mut words: std::slice::Iter<'_, &str>,
    ) -> Said {
        let kind = take(&mut words, "a kind")?;
        let kind = ServiceKind::ALL.iter().copied().find(|it| it.as_str() == kind);
        let kind = kind.ok_or("no kind of service")?;
        let blocks: Vec<_> = words.map(|&word| parse::block(word)).collect::<Result<_, _>>()?;
        let endpoint = PublicEndpoint {
            id: self.text(&format!("{}/{name}", kind.as_str())),
            place: self.place,
            kind,
            name: self.text(name),
            sources: (!blocks.is_empty()).then_some(blocks),
            origin: self.origin,
        };
        self.builder.add_public_endpoint(endpoint, self.origin);
        Ok(())
    }
}
