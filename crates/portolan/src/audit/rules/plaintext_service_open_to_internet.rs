//! Telnet, FTP and others that send passwords in the clear, open to everyone.

use crate::audit::rule::{Check, Claim, Rule, Slice, claims};
use crate::audit::service::{Use, of_use};
use crate::record::Severity;

pub(in crate::audit) const RULE: Rule = Rule {
    code: "plaintext-service-open-to-internet",
    title: "A service that sends passwords in the clear is open to the internet",
    why: "Anybody on the way reads user names, passwords and data, and can change what is sent.",
    fix: "Use the encrypted successor (SSH for Telnet, SFTP for FTP, IMAPS for IMAP) and close this port.",
    severity: Severity::High,
    check: Check::Everyone(check),
};

fn check(slice: &Slice) -> Vec<Claim> {
    claims(of_use(slice.left, Use::Plaintext), RULE.severity)
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    #[test]
    fn telnet_open_to_everyone_is_high() {
        check(
            &web("group g v1 in tcp/23 any4"),
            "high plaintext-service-open-to-internet a ingress tcp/23 0.0.0.0/0",
        );
    }
}
