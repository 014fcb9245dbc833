//! Data stores and other services of AWS's that stand in a VPC behind interfaces of
//! their own.
//!
//! Facts only: what the service's own listing says, and what the description of an
//! interface gives away. Which interfaces are whose is settled when the network is
//! built (`build/services.rs`); what an interface that nobody listed means is decided
//! in `reach`.

use super::{Place, SecurityGroupId, SubnetId, Text, TextId, VpcId};

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $words:literal, $database:literal;)+) => {
        /// What kind of service it is. An open list.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum ServiceKind {
            $($(#[doc = $doc])+ $name,)+
        }

        impl ServiceKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The kind as records have it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The kind as people call it.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $words),+ }
            }

            /// Whether it keeps data that clients ask for.
            #[must_use]
            pub fn is_database(self) -> bool {
                match self { $(Self::$name => $database),+ }
            }
        }
    };
}

kinds! {
    /// A DB instance of Amazon RDS or Aurora.
    Rds = "rds", "RDS", true;
    /// An instance of Amazon DocumentDB.
    DocumentDb = "documentdb", "DocumentDB", true;
    /// An instance of Amazon Neptune.
    Neptune = "neptune", "Neptune", true;
    /// A node of Amazon ElastiCache.
    ElastiCache = "elasticache", "ElastiCache", true;
    /// A node of Amazon MemoryDB.
    MemoryDb = "memorydb", "MemoryDB", true;
    /// A node of a DynamoDB Accelerator cluster.
    Dax = "dax", "DAX", true;
    /// A node of Amazon Redshift.
    Redshift = "redshift", "Redshift", true;
    /// A node of Amazon OpenSearch Service.
    OpenSearch = "opensearch", "OpenSearch", true;
    /// A replication instance of AWS DMS.
    Dms = "dms", "DMS", true;
    /// A broker of Amazon MSK.
    Msk = "msk", "MSK", false;
    /// A broker of Amazon MQ.
    Mq = "mq", "Amazon MQ", false;
    /// A mount target of Amazon EFS.
    Efs = "efs", "EFS", false;
    /// A file system of Amazon FSx.
    Fsx = "fsx", "FSx", false;
    /// AWS Lambda functions in a VPC.
    Lambda = "lambda", "Lambda", false;
    /// The control plane of an Amazon EKS cluster.
    Eks = "eks", "EKS", false;
    /// Pods of Amazon EKS: a branch interface of their own, or addresses of their node's.
    EksPods = "eks-pods", "EKS pods", false;
    /// A task of Amazon ECS.
    EcsTask = "ecs-task", "ECS task", false;
    /// AWS Directory Service.
    Directory = "directory", "Directory Service", false;
    /// A WorkSpaces desktop.
    WorkSpaces = "workspaces", "WorkSpaces", false;
    /// A Route 53 Resolver endpoint.
    Resolver = "resolver", "Route 53 Resolver", false;
    /// A Client VPN endpoint's association.
    ClientVpn = "client-vpn", "Client VPN", false;
    /// An EC2 Instance Connect Endpoint.
    InstanceConnect = "instance-connect", "Instance Connect Endpoint", false;
    /// AWS Global Accelerator.
    GlobalAccelerator = "global-accelerator", "Global Accelerator", false;
    /// A VPC link of API Gateway.
    ApiGateway = "api-gateway", "API Gateway", false;
    /// A connection of AWS Glue.
    Glue = "glue", "Glue", false;
    /// Amazon SageMaker.
    SageMaker = "sagemaker", "SageMaker", false;
    /// A build of AWS CodeBuild.
    CodeBuild = "codebuild", "CodeBuild", false;
    /// Amazon QuickSight.
    QuickSight = "quicksight", "QuickSight", false;
}

/// One service as its own listing gives it, or as an interface's description does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Service {
    /// Its ARN, else kind and name.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub kind: ServiceKind,
    /// What its owner calls it; empty where nothing says so.
    pub name: TextId,
    /// The engine as given: `postgres`, `redis`; empty where it has none.
    pub engine: TextId,
    /// The TCP ports at which it answers, ascending; empty where that is not known.
    pub ports: Vec<u16>,
    /// Whether it has a public address; `None`: not said.
    pub publicly_accessible: Option<bool>,
    /// Its VPC, where its listing says so.
    pub vpc: Option<VpcId>,
    /// The name of its subnet group, where its listing gives no subnets.
    pub subnet_group: TextId,
    /// The subnets in which its interfaces may be; empty where that is not known.
    pub subnets: Vec<SubnetId>,
    /// The zones in which they are; empty where that is not said.
    pub zones: Vec<TextId>,
    /// The groups that they wear.
    pub security_groups: Vec<SecurityGroupId>,
    /// The ids of its interfaces (`eni-…`), where its listing gives them.
    pub interfaces: Vec<TextId>,
    /// Its private IPv4 addresses, where its listing gives them.
    pub addresses: Vec<u32>,
    /// Whether it has no IPv6 addresses.
    pub only_ipv4: bool,
}

/// Subnets under a name (`describe-db-subnet-groups` and the like).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubnetGroup {
    /// The kind of the services that use it; those of RDS's family have one list.
    pub kind: ServiceKind,
    /// Its name.
    pub name: TextId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnets.
    pub subnets: Vec<SubnetId>,
}

impl Service {
    /// What people call it: `RDS orders-db (PostgreSQL)`.
    #[must_use]
    pub fn label(&self, text: &Text) -> String {
        let mut label = self.kind.words().to_owned();
        let name = text.get(self.name);
        if !name.is_empty() {
            label.push(' ');
            label.push_str(name);
        }
        let engine = engine_words(text.get(self.engine));
        if !engine.is_empty() {
            label.push_str(&format!(" ({engine})"));
        }
        label
    }
}

/// An engine's name as its makers write it; what is not known stays as it is.
#[must_use]
pub fn engine_words(engine: &str) -> &str {
    match engine {
        "postgres" => "PostgreSQL",
        "mysql" => "MySQL",
        "mariadb" => "MariaDB",
        "aurora" | "aurora-mysql" => "Aurora MySQL",
        "aurora-postgresql" => "Aurora PostgreSQL",
        "redis" => "Redis",
        "valkey" => "Valkey",
        "memcached" => "Memcached",
        // The kind says it already.
        "docdb" | "neptune" => "",
        _ if engine.starts_with("oracle-") || engine.starts_with("custom-oracle-") => "Oracle",
        _ if engine.starts_with("sqlserver-") || engine.starts_with("custom-sqlserver-") => {
            "SQL Server"
        }
        _ if engine.starts_with("db2-") => "Db2",
        other => other,
    }
}

/// Who made an interface, and for what, as the interface's own listing says it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made<'t> {
    pub(super) description: &'t str,
    pub(super) interface_type: &'t str,
    pub(super) requester: &'t str,
    /// Whether an instance has it.
    pub(super) of_instance: bool,
}

/// The service behind an interface, and its name if the words give it away.
///
/// A description alone proves nothing, since who makes an interface may write what he
/// likes: it counts where a service asked for the interface, or for what AWS itself
/// writes on the interfaces of Kubernetes nodes. The words are those of interfaces that
/// AWS made in recorded answers, and of the services' user guides.
pub(super) fn told(made: Made<'_>) -> Option<(ServiceKind, &str)> {
    let Made { description, interface_type, requester, of_instance } = made;
    match interface_type {
        "lambda" => return Some((ServiceKind::Lambda, lambda_name(description))),
        "efs" => return Some((ServiceKind::Efs, word_with(description, "fs-"))),
        "branch" => return Some((ServiceKind::EksPods, "")),
        "ec2_instance_connect_endpoint" => {
            return Some((ServiceKind::InstanceConnect, word_with(description, "eice-")));
        }
        "global_accelerator_managed" => return Some((ServiceKind::GlobalAccelerator, "")),
        "api_gateway_managed" => return Some((ServiceKind::ApiGateway, "")),
        "quicksight" => return Some((ServiceKind::QuickSight, "")),
        _ => {}
    }
    if description.is_empty() {
        return None;
    }
    // The interfaces that the VPC plugin adds to a node hold the addresses of its pods.
    if of_instance {
        let added = description.starts_with("aws-K8S-");
        return added.then_some((ServiceKind::EksPods, ""));
    }
    if requester.is_empty() {
        return None;
    }
    let after = |beginning: &str| description.strip_prefix(beginning);
    if description == "RDSNetworkInterface" {
        return Some((ServiceKind::Rds, ""));
    }
    if description == "RedshiftNetworkInterface" {
        return Some((ServiceKind::Redshift, ""));
    }
    if description == "DMSNetworkInterface" {
        return Some((ServiceKind::Dms, ""));
    }
    if let Some(name) = after("ElastiCache ") {
        let end = name.find([' ', '+']).unwrap_or(name.len());
        return Some((ServiceKind::ElastiCache, name.get(..end).unwrap_or_default()));
    }
    if description.starts_with("ElastiCache") {
        return Some((ServiceKind::ElastiCache, ""));
    }
    if let Some(name) = after("ES ") {
        return Some((ServiceKind::OpenSearch, first_word(name)));
    }
    if let Some(name) = after("DAX ") {
        return Some((ServiceKind::Dax, first_word(name)));
    }
    if description.starts_with("AWS Lambda VPC ENI") {
        return Some((ServiceKind::Lambda, lambda_name(description)));
    }
    if description.starts_with("EFS mount target for ") {
        return Some((ServiceKind::Efs, word_with(description, "fs-")));
    }
    if description.starts_with("Created by Amazon FSx") || description.contains("Amazon FSx") {
        return Some((ServiceKind::Fsx, word_with(description, "fs-")));
    }
    if let Some(name) = after("Amazon EKS ") {
        return Some((ServiceKind::Eks, first_word(name)));
    }
    if description == "aws-k8s-branch-eni" {
        return Some((ServiceKind::EksPods, ""));
    }
    if description.starts_with("arn:aws") && description.contains(":ecs:") {
        return Some((ServiceKind::EcsTask, ""));
    }
    if let Some(at) = description.find("arn:aws").filter(|_| description.contains(":kafka:")) {
        let arn = description.get(at..).unwrap_or_default();
        return Some((ServiceKind::Msk, arn.split('/').nth(1).unwrap_or_default()));
    }
    if description.contains("Amazon MSK") {
        return Some((ServiceKind::Msk, ""));
    }
    if description.contains("Amazon MQ") || description.contains("AmazonMQ") {
        return Some((ServiceKind::Mq, word_with(description, "b-")));
    }
    if description.starts_with("AWS created network interface for directory ")
        || description.starts_with("AWS created network interface for d-")
    {
        return Some((ServiceKind::Directory, word_with(description, "d-")));
    }
    if description.starts_with("Created By Amazon Workspaces") {
        return Some((ServiceKind::WorkSpaces, ""));
    }
    if description.starts_with("Route 53 Resolver: ") {
        return Some((ServiceKind::Resolver, word_with(description, "rslvr-")));
    }
    if description.starts_with("ClientVPN Endpoint") {
        return Some((ServiceKind::ClientVpn, word_with(description, "cvpn-endpoint-")));
    }
    if description.starts_with("EC2 Instance Connect Endpoint") {
        return Some((ServiceKind::InstanceConnect, word_with(description, "eice-")));
    }
    if description.starts_with("Attached to Glue using role") {
        return Some((ServiceKind::Glue, ""));
    }
    if description.contains("SageMaker") {
        return Some((ServiceKind::SageMaker, ""));
    }
    if description.contains("CodeBuild") {
        return Some((ServiceKind::CodeBuild, ""));
    }
    None
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// `orders` of `AWS Lambda VPC ENI-orders-8b35f2a1-8b35-4f36-a046-0123456789ab`; older
/// ones name no function.
fn lambda_name(description: &str) -> &str {
    const UUID: usize = "-8b35f2a1-8b35-4f36-a046-0123456789ab".len();
    let Some(rest) = description.strip_prefix("AWS Lambda VPC ENI-") else { return "" };
    rest.len().checked_sub(UUID).and_then(|end| rest.get(..end)).unwrap_or_default()
}

/// The word that begins so: an id in a sentence.
fn word_with<'t>(text: &'t str, beginning: &str) -> &'t str {
    let is_part = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    text.split(is_part).find(|word| word.starts_with(beginning)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(description: &str) -> Option<(ServiceKind, &str)> {
        told(Made {
            description,
            interface_type: "interface",
            requester: "amazon-rds",
            of_instance: false,
        })
    }

    #[test]
    fn descriptions_tell_services() {
        let uuid = "8b35f2a1-8b35-4f36-a046-0123456789ab";
        let task = "arn:aws:ecs:us-east-1:111122223333:attachment/8b35";
        let kafka = "DO NOT DELETE - Amazon MSK network interface for cluster arn:aws:kafka:us-east-1:111122223333:cluster/events/8b35";
        for (description, kind, name) in [
            ("RDSNetworkInterface", ServiceKind::Rds, ""),
            ("RedshiftNetworkInterface", ServiceKind::Redshift, ""),
            ("ElastiCache carts-001", ServiceKind::ElastiCache, "carts-001"),
            ("ElastiCache carts+0001", ServiceKind::ElastiCache, "carts"),
            ("ES search", ServiceKind::OpenSearch, "search"),
            (&format!("AWS Lambda VPC ENI-orders-api-{uuid}"), ServiceKind::Lambda, "orders-api"),
            (&format!("AWS Lambda VPC ENI: {uuid}"), ServiceKind::Lambda, ""),
            ("EFS mount target for fs-0a1b (fsmt-0c2d)", ServiceKind::Efs, "fs-0a1b"),
            ("Amazon EKS shop", ServiceKind::Eks, "shop"),
            ("aws-k8s-branch-eni", ServiceKind::EksPods, ""),
            (task, ServiceKind::EcsTask, ""),
            (kafka, ServiceKind::Msk, "events"),
            ("Route 53 Resolver: rslvr-in-0a1b:rni-0c2d", ServiceKind::Resolver, "rslvr-in-0a1b"),
        ] {
            assert_eq!(of(description), Some((kind, name)), "{description}");
        }
        assert_eq!(of("Primary network interface"), None);
        assert_eq!(of("ELB app/web/0a1b"), None);
    }

    #[test]
    fn a_description_that_anybody_may_have_written_proves_nothing() {
        let made = Made {
            description: "RDSNetworkInterface",
            interface_type: "interface",
            requester: "",
            of_instance: false,
        };
        assert_eq!(told(made), None);
        let of_instance = Made { requester: "amazon-rds", of_instance: true, ..made };
        assert_eq!(told(of_instance), None);
    }

    #[test]
    fn engines_have_their_makers_spelling() {
        assert_eq!(engine_words("aurora-postgresql"), "Aurora PostgreSQL");
        assert_eq!(engine_words("sqlserver-se"), "SQL Server");
        assert_eq!(engine_words("new-engine"), "new-engine");
    }
}
