//! Real dumps, where they are at hand: `PORTOLAN_TEST_DATA` names their folder.

use std::path::{Path, PathBuf};

use portolan_ingest::{LoadError, LoadOptions};

#[test]
fn everything_real_loads() {
    let Some(root) = std::env::var_os("PORTOLAN_TEST_DATA").map(PathBuf::from) else {
        eprintln!("SKIPPED: PORTOLAN_TEST_DATA is not set");
        return;
    };
    let mut loaded = 0;
    let mut check = |path: &Path| match portolan_ingest::load(&[path], &LoadOptions::default()) {
        Ok(_) => loaded += 1,
        // A folder of replies that are all errors or flow logs.
        Err(LoadError::NoListing { .. }) => {}
        Err(error) => panic!("{}: {error}", path.display()),
    };
    for set in [
        "A1-labs",
        "A2-batfish-units",
        "A6-cloudmapper-demo",
        "A8-c7n-placebo",
        "B0-c7n-tf-and-live",
    ] {
        let set = root.join(set);
        check(&set);
        for entry in std::fs::read_dir(&set).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                check(&path);
            }
        }
    }
    assert!(loaded > 60, "{loaded}");
    for (lab, interfaces, groups) in [
        ("aws_demo", 22, 12),
        ("aws_instance_multiple_interface", 6, 6),
        ("aws_multi_account_vpc_peering", 2, 4),
        ("aws_nlb_targets_instance", 8, 6),
        ("aws_tgw_asymmetric_non_default_rtb", 6, 4),
        ("aws_tgw_multi_az_intra_region", 14, 6),
        ("aws_tgw_peering", 6, 6),
        ("aws_traffic_in_igw_out_ngw", 3, 2),
        ("aws_vpc_endpoints", 5, 2),
    ] {
        let path = root.join("A1-labs").join(lab).join("aws_configs");
        let loaded = portolan_ingest::load(&[&path], &LoadOptions::default()).unwrap();
        let components = &loaded.network.components;
        let found: usize = components.iter().map(|component| component.interfaces.len()).sum();
        assert_eq!(found, interfaces, "{lab}");
        let found: usize = components.iter().map(|component| component.security_groups.len()).sum();
        assert_eq!(found, groups, "{lab}");
        assert!(loaded.network.warnings.is_empty(), "{lab}");
    }
}
