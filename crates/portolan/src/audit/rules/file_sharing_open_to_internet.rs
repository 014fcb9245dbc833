//! SMB, NFS and rsync, open to everyone.

use crate::audit::rule::{Check, Claim, Rule, Slice, claims};
use crate::audit::service::{Use, of_use};
use crate::record::Severity;

pub(in crate::audit) const RULE: Rule = Rule {
    code: "file-sharing-open-to-internet",
    title: "File sharing is open to the internet",
    why: "SMB and NFS were made for trusted networks. Worms spread over 445, and what is shared is \
          often shared without a password.",
    fix: "Close it, or name the networks that mount the files. Between sites use a VPN.",
    severity: Severity::Critical,
    check: Check::Everyone(check),
};

fn check(slice: &Slice) -> Vec<Claim> {
    claims(of_use(slice.left, Use::FileSharing), RULE.severity)
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    #[test]
    fn smb_open_to_everyone_is_critical() {
        check(
            &web("group g v1 in tcp/445 any4"),
            "critical file-sharing-open-to-internet a ingress tcp/445 0.0.0.0/0",
        );
    }
}
