//! Data stores and other services that stand in a VPC, by their own listings.
//!
//! What is being made counts, since its interfaces may be there; what is being deleted
//! does too, until it is gone. What stands in no VPC has no interface and is passed over.

use portolan::model::{
    Origin, PublicEndpoint, SecurityGroupId, Service, ServiceKind, SubnetGroup, SubnetId, TextId,
    VpcId,
};

use portolan::net::Cidr;

use super::field::{Field, List, Str};
use super::network::vpc_id;
use super::sink::Cx;
use super::words::service as words;

/// A list of ids.
type Ids<'a> = List<std::borrow::Cow<'a, str>>;

/// A service of which nothing is known but what it is.
fn service(cx: &mut Cx<'_>, kind: ServiceKind, arn: &Str<'_>, name: &Str<'_>) -> Service {
    cx.region(&Str::Absent, arn);
    if let Some(account) = crate::detect::of_arn(arn.as_str()).1 {
        cx.owner(&Str::Given(account.to_owned().into()));
    }
    let id = match arn.as_str() {
        "" => cx.intern(&format!("{}/{}", kind.as_str(), name.as_str())),
        arn => cx.intern(arn),
    };
    Service {
        id,
        place: cx.place,
        kind,
        name: cx.intern(name.as_str()),
        engine: TextId::EMPTY,
        ports: Vec::new(),
        publicly_accessible: None,
        vpc: None,
        subnet_group: TextId::EMPTY,
        subnets: Vec::new(),
        zones: Vec::new(),
        security_groups: Vec::new(),
        interfaces: Vec::new(),
        addresses: Vec::new(),
        only_ipv4: false,
    }
}

/// An element of `rds describe-db-instances`.
pub(crate) fn db_instance(cx: &mut Cx<'_>, given: &words::DbInstance<'_>) {
    let kind = match given.engine.as_str() {
        "docdb" => ServiceKind::DocumentDb,
        "neptune" => ServiceKind::Neptune,
        _ => ServiceKind::Rds,
    };
    let mut fact = service(cx, kind, &given.arn, &given.identifier);
    fact.engine = cx.intern(given.engine.as_str());
    // `DbInstancePort` is 0 but for clusters of old.
    let port = given.endpoint.get().and_then(|endpoint| port(&endpoint.port));
    fact.ports = port.or_else(|| self::port(&given.port)).into_iter().collect();
    if fact.ports.is_empty() {
        fact.ports = engine_ports(given.engine.as_str()).to_vec();
    }
    fact.publicly_accessible = given.publicly_accessible.get().copied();
    let Some(group) = given.subnet_group.get() else { return unplaced(cx, &given.subnet_group) };
    fact.vpc = vpc(cx, &group.vpc_id);
    fact.subnet_group = cx.intern(group.name.as_str());
    fact.subnets = subnets_of_group(cx, &group.subnets);
    fact.security_groups = vpc_security_groups(cx, &given.security_groups);
    for zone in [&given.availability_zone, &given.secondary_availability_zone] {
        if !zone.as_str().is_empty() {
            fact.zones.push(cx.intern(zone.as_str()));
        }
    }
    fact.only_ipv4 = given.network_type.as_str() == "IPV4";
    cx.add(fact);
}

/// An element of `rds describe-db-clusters`. What is in the VPC are its instances, which
/// have a listing of their own: a cluster stands for them only if it names none.
pub(crate) fn db_cluster(cx: &mut Cx<'_>, given: &words::DbCluster<'_>) {
    if given.members.items().next().is_some() {
        for member in given.members.items() {
            cluster_member(cx, given, &member.identifier);
        }
        return;
    }
    cluster_member(cx, given, &given.identifier);
}

fn cluster_member(cx: &mut Cx<'_>, given: &words::DbCluster<'_>, name: &Str<'_>) {
    let kind = match given.engine.as_str() {
        "docdb" => ServiceKind::DocumentDb,
        "neptune" => ServiceKind::Neptune,
        _ => ServiceKind::Rds,
    };
    // Members have the ARN of an instance, with the cluster's account and region.
    let arn = match given.arn.as_str().split_once(":cluster:") {
        Some((before, _)) if *name != given.identifier => {
            Str::Given(format!("{before}:db:{}", name.as_str()).into())
        }
        _ => given.arn.clone(),
    };
    let mut fact = service(cx, kind, &arn, name);
    fact.engine = cx.intern(given.engine.as_str());
    fact.ports = port(&given.port).into_iter().collect();
    fact.publicly_accessible = given.publicly_accessible.get().copied();
    fact.subnet_group = cx.intern(given.subnet_group.as_str());
    fact.security_groups = vpc_security_groups(cx, &given.security_groups);
    fact.only_ipv4 = given.network_type.as_str() == "IPV4";
    cx.builder().add_member_of_cluster(fact, Origin::default());
}

/// An element of `rds describe-db-subnet-groups`.
pub(crate) fn db_subnet_group(cx: &mut Cx<'_>, given: &words::DbSubnetGroup<'_>) {
    subnet_group(cx, ServiceKind::Rds, (&given.name, &given.vpc_id, &given.subnets));
}

/// An element of `elasticache describe-cache-subnet-groups`.
pub(crate) fn cache_subnet_group(cx: &mut Cx<'_>, given: &words::CacheSubnetGroup<'_>) {
    subnet_group(cx, ServiceKind::ElastiCache, (&given.name, &given.vpc_id, &given.subnets));
}

/// An element of `redshift describe-cluster-subnet-groups`.
pub(crate) fn cluster_subnet_group(cx: &mut Cx<'_>, given: &words::ClusterSubnetGroup<'_>) {
    subnet_group(cx, ServiceKind::Redshift, (&given.name, &given.vpc_id, &given.subnets));
}

fn subnet_group(
    cx: &mut Cx<'_>,
    kind: ServiceKind,
    (name, vpc, subnets): (&Str<'_>, &Str<'_>, &List<words::GroupSubnet<'_>>),
) {
    let name = cx.text("subnet group", name);
    let vpc = vpc_id(cx, vpc);
    let subnets = subnets_of_group(cx, subnets);
    cx.add(SubnetGroup { kind, name, vpc, subnets });
}

/// An element of `elasticache describe-cache-clusters`.
pub(crate) fn cache_cluster(cx: &mut Cx<'_>, given: &words::CacheCluster<'_>) {
    let mut fact = service(cx, ServiceKind::ElastiCache, &given.arn, &given.identifier);
    fact.engine = cx.intern(given.engine.as_str());
    let nodes = given.nodes.items().filter_map(|node| node.endpoint.get());
    let endpoints = given.configuration_endpoint.get().into_iter().chain(nodes);
    fact.ports = endpoints.filter_map(|endpoint| port(&endpoint.port)).collect();
    if fact.ports.is_empty() {
        fact.ports = engine_ports(given.engine.as_str()).to_vec();
    }
    sort(&mut fact.ports);
    fact.publicly_accessible = Some(false);
    fact.subnet_group = cx.intern(given.subnet_group.as_str());
    for group in given.security_groups.items() {
        fact.security_groups.push(SecurityGroupId::named(cx.intern(group.id.as_str())));
    }
    fact.only_ipv4 = given.network_type.as_str() == "ipv4";
    cx.add(fact);
}

/// An element of `redshift describe-clusters`.
pub(crate) fn cluster(cx: &mut Cx<'_>, given: &words::Cluster<'_>) {
    // DAX, MemoryDB, CloudHSM and EMR have a list of this name too.
    if given.identifier.as_str().is_empty() || given.node_type.as_str().is_empty() {
        return;
    }
    cx.recognised = true;
    let mut fact = service(cx, ServiceKind::Redshift, &Str::Absent, &given.identifier);
    let port = given.endpoint.get().and_then(|endpoint| port(&endpoint.port));
    fact.ports = vec![port.unwrap_or(5439)];
    fact.publicly_accessible = given.publicly_accessible.get().copied();
    fact.vpc = vpc(cx, &given.vpc_id);
    fact.subnet_group = cx.intern(given.subnet_group.as_str());
    fact.security_groups = vpc_security_groups(cx, &given.security_groups);
    for node in given.nodes.items() {
        fact.addresses.extend(cx.address("PrivateIPAddress", &node.private_address));
    }
    fact.only_ipv4 = true;
    cx.add(fact);
}

/// An element of `opensearch describe-domains`.
pub(crate) fn domain(cx: &mut Cx<'_>, given: &words::Domain<'_>) {
    if given.deleted == Field::Given(true) {
        return;
    }
    // Without a VPC it stands on the internet, behind AWS's own doors.
    let Some(options) = given.vpc_options.get() else {
        if given.vpc_options.is_absent() {
            public_endpoint(cx, ServiceKind::OpenSearch, (&given.arn, &given.name), None);
        }
        return unplaced(cx, &given.vpc_options);
    };
    let mut fact = service(cx, ServiceKind::OpenSearch, &given.arn, &given.name);
    fact.ports = vec![80, 443];
    fact.publicly_accessible = Some(false);
    fact.vpc = vpc(cx, &options.vpc_id);
    fact.subnets = subnets(cx, &options.subnet_ids);
    fact.security_groups = security_groups(cx, &options.security_group_ids);
    fact.only_ipv4 = given.ip_address_type.as_str() != "dualstack";
    cx.add(fact);
}

/// An element of `kafka list-clusters-v2`.
pub(crate) fn kafka_cluster(cx: &mut Cx<'_>, given: &words::KafkaCluster<'_>) {
    // The model says the one, answers the other.
    let name = either(&given.name, &given.upper_name);
    let arn = either(&given.arn, &given.upper_arn);
    let mut fact = service(cx, ServiceKind::Msk, arn, name);
    // Plaintext, TLS, SASL/SCRAM, IAM: inside the VPC, and by public access (MSK developer
    // guide, "Port information").
    fact.ports = vec![9092, 9094, 9096, 9098, 9194, 9196, 9198];
    fact.only_ipv4 = true;
    let provisioned = given.provisioned.get().or(given.upper_provisioned.get());
    let inner = provisioned.and_then(|it| it.brokers.get().or(it.upper_brokers.get()));
    let brokers = inner.or(given.brokers.get()).or(given.upper_brokers.get());
    if let Some(brokers) = brokers {
        fact.subnets = subnets(cx, either(&brokers.subnets, &brokers.upper_subnets));
        let groups = either(&brokers.security_groups, &brokers.upper_security_groups);
        fact.security_groups = security_groups(cx, groups);
        let connectivity = brokers.connectivity.get().or(brokers.upper_connectivity.get());
        let access =
            connectivity.and_then(|it| it.public_access.get().or(it.upper_public_access.get()));
        let access = access.map(|it| either(&it.kind, &it.upper_kind).as_str());
        fact.publicly_accessible = access.map(|access| access != "DISABLED");
    }
    let serverless = given.serverless.get().or(given.upper_serverless.get());
    let configs = serverless.map(|it| either(&it.vpc_configs, &it.upper_vpc_configs));
    for config in configs.into_iter().flat_map(List::items) {
        // Serverless clusters answer at the port of IAM only.
        fact.ports = vec![9098];
        fact.publicly_accessible = Some(false);
        fact.subnets.extend(subnets(cx, either(&config.subnets, &config.upper_subnets)));
        let groups = either(&config.security_groups, &config.upper_security_groups);
        fact.security_groups.extend(security_groups(cx, groups));
    }
    cx.add(fact);
}

/// An element of `efs describe-mount-targets`.
pub(crate) fn mount_target(cx: &mut Cx<'_>, given: &words::MountTarget<'_>) {
    if given.state.as_str() == "deleted" {
        return;
    }
    let mut fact = service(cx, ServiceKind::Efs, &Str::Absent, &given.file_system_id);
    // A file system has a mount target in each zone.
    fact.id = cx.intern(given.id.as_str());
    fact.ports = vec![2049];
    fact.publicly_accessible = Some(false);
    fact.vpc = vpc(cx, &given.vpc_id);
    fact.subnets = vec![SubnetId::named(cx.text("SubnetId", &given.subnet_id))];
    let interface = cx.text("NetworkInterfaceId", &given.network_interface_id);
    fact.interfaces = Vec::from_iter((!interface.is_empty()).then_some(interface));
    fact.addresses = cx.address("IpAddress", &given.ip_address).into_iter().collect();
    fact.only_ipv4 = true;
    cx.add(fact);
}

/// An element of `lambda list-functions`.
pub(crate) fn function(cx: &mut Cx<'_>, given: &words::Function<'_>) {
    if given.arn.as_str().is_empty() {
        return;
    }
    cx.recognised = true;
    let Some(config) = given.vpc_config.get() else { return unplaced(cx, &given.vpc_config) };
    // A function outside a VPC may have an empty one.
    if config.subnet_ids.items().next().is_none() {
        return;
    }
    let mut fact = service(cx, ServiceKind::Lambda, &given.arn, &given.name);
    fact.publicly_accessible = Some(false);
    fact.vpc = vpc(cx, &config.vpc_id);
    fact.subnets = subnets(cx, &config.subnet_ids);
    fact.security_groups = security_groups(cx, &config.security_group_ids);
    fact.only_ipv4 = config.dual_stack == Field::Given(false);
    cx.add(fact);
}

/// The cluster of `eks describe-cluster`.
pub(crate) fn eks_cluster(cx: &mut Cx<'_>, given: &words::EksCluster<'_>) {
    let Some(config) = given.vpc_config.get() else { return };
    cx.recognised = true;
    public_api(cx, given, config);
    let mut fact = service(cx, ServiceKind::Eks, &given.arn, &given.name);
    fact.ports = vec![443];
    fact.publicly_accessible = Some(false);
    fact.vpc = vpc(cx, &config.vpc_id);
    fact.subnets = subnets(cx, &config.subnet_ids);
    fact.security_groups = security_groups(cx, &config.security_group_ids);
    if !config.cluster_security_group_id.as_str().is_empty() {
        let group = cx.intern(config.cluster_security_group_id.as_str());
        fact.security_groups.push(SecurityGroupId::named(group));
    }
    cx.add(fact);
}

/// The door of a cluster's API on addresses of AWS's own.
fn public_api(cx: &mut Cx<'_>, given: &words::EksCluster<'_>, config: &words::EksVpc<'_>) {
    if config.public_access != Field::Given(true) {
        return;
    }
    let mut sources = Vec::new();
    for block in config.public_access_cidrs.items() {
        let Some(block) = cx.cidr("publicAccessCidrs", &Field::Given(block.clone())) else {
            sources.clear();
            break;
        };
        sources.push(block);
    }
    // Without a list it is open to everyone, and perhaps with one that can't be read.
    let damaged = config.public_access_cidrs.is_damaged();
    let sources = (!sources.is_empty() && !damaged).then_some(sources);
    public_endpoint(cx, ServiceKind::Eks, (&given.arn, &given.name), sources);
}

fn public_endpoint(
    cx: &mut Cx<'_>,
    kind: ServiceKind,
    (arn, name): (&Str<'_>, &Str<'_>),
    sources: Option<Vec<Cidr>>,
) {
    let Service { id, place, name, .. } = service(cx, kind, arn, name);
    let origin = Origin::default();
    let endpoint = PublicEndpoint { id, place, kind, name, sources, origin };
    cx.builder().add_public_endpoint(endpoint, origin);
}

/// An element of `dms describe-replication-instances`.
pub(crate) fn replication_instance(cx: &mut Cx<'_>, given: &words::ReplicationInstance<'_>) {
    let Some(group) = given.subnet_group.get() else { return unplaced(cx, &given.subnet_group) };
    let mut fact = service(cx, ServiceKind::Dms, &given.arn, &given.identifier);
    fact.publicly_accessible = given.publicly_accessible.get().copied();
    fact.vpc = vpc(cx, &group.vpc_id);
    fact.subnets = subnets_of_group(cx, &group.subnets);
    fact.security_groups = vpc_security_groups(cx, &given.security_groups);
    if !given.availability_zone.as_str().is_empty() {
        fact.zones.push(cx.intern(given.availability_zone.as_str()));
    }
    for address in given.private_addresses.items() {
        let address = Field::Given(address.clone());
        fact.addresses.extend(cx.address("ReplicationInstancePrivateIpAddresses", &address));
    }
    fact.only_ipv4 = given.network_type.as_str() == "IPV4";
    cx.add(fact);
}

/// An element of `redshift-serverless list-workgroups`.
pub(crate) fn workgroup(cx: &mut Cx<'_>, given: &words::Workgroup<'_>) {
    // Athena has workgroups too.
    if given.arn.as_str().is_empty() || given.subnet_ids.items().next().is_none() {
        return;
    }
    cx.recognised = true;
    let mut fact = service(cx, ServiceKind::Redshift, &given.arn, &given.name);
    fact.ports = vec![port(&given.port).unwrap_or(5439)];
    fact.publicly_accessible = given.publicly_accessible.get().copied();
    fact.subnets = subnets(cx, &given.subnet_ids);
    fact.security_groups = security_groups(cx, &given.security_group_ids);
    let endpoints = given.endpoint.get().into_iter().flat_map(|it| it.endpoints.items());
    for endpoint in endpoints {
        fact.vpc = vpc(cx, &endpoint.vpc_id);
        for interface in endpoint.interfaces.items() {
            fact.interfaces.push(cx.text("networkInterfaceId", &interface.id));
        }
    }
    fact.only_ipv4 = given.ip_address_type.as_str() == "ipv4";
    cx.add(fact);
}

/// Reports a place in the VPC that is there and can't be read.
fn unplaced<T>(cx: &mut Cx<'_>, given: &Field<T>) {
    if given.is_wrong() {
        cx.unreadable("VPC");
    }
}

fn either<'f, T>(one: &'f Field<T>, other: &'f Field<T>) -> &'f Field<T> {
    if one.is_absent() { other } else { one }
}

fn vpc(cx: &mut Cx<'_>, given: &Str<'_>) -> Option<VpcId> {
    (!given.as_str().is_empty()).then(|| vpc_id(cx, given))
}

fn subnets(cx: &mut Cx<'_>, given: &Ids<'_>) -> Vec<SubnetId> {
    if given.is_damaged() {
        cx.unreadable("SubnetIds");
    }
    given.items().map(|id| SubnetId::named(cx.intern(id))).collect()
}

fn subnets_of_group(cx: &mut Cx<'_>, given: &List<words::GroupSubnet<'_>>) -> Vec<SubnetId> {
    if given.is_damaged() {
        cx.unreadable("Subnets");
    }
    given.items().map(|it| SubnetId::named(cx.text("SubnetIdentifier", &it.identifier))).collect()
}

fn security_groups(cx: &mut Cx<'_>, given: &Ids<'_>) -> Vec<SecurityGroupId> {
    if given.is_damaged() {
        cx.unreadable("SecurityGroupIds");
    }
    given.items().map(|id| SecurityGroupId::named(cx.intern(id))).collect()
}

fn vpc_security_groups(
    cx: &mut Cx<'_>,
    given: &List<words::VpcSecurityGroup<'_>>,
) -> Vec<SecurityGroupId> {
    if given.is_damaged() {
        cx.unreadable("VpcSecurityGroups");
    }
    given.items().map(|it| SecurityGroupId::named(cx.intern(it.id.as_str()))).collect()
}

fn port(given: &Field<i64>) -> Option<u16> {
    given.get().and_then(|&port| u16::try_from(port).ok()).filter(|&port| port != 0)
}

fn sort(ports: &mut Vec<u16>) {
    ports.sort_unstable();
    ports.dedup();
}

/// The port of an engine that was not told another one.
fn engine_ports(engine: &str) -> &'static [u16] {
    match engine {
        "postgres" | "aurora-postgresql" => &[5432],
        "mysql" | "mariadb" | "aurora" | "aurora-mysql" => &[3306],
        "redis" | "valkey" => &[6379],
        "memcached" => &[11211],
        "docdb" => &[27017],
        "neptune" => &[8182],
        _ if engine.starts_with("oracle-") => &[1521],
        _ if engine.starts_with("sqlserver-") => &[1433],
        _ if engine.starts_with("db2-") => &[50000],
        _ => &[],
    }
}
