//! The words of `aws network-firewall describe-*`.

use super::super::field::{Field, List, Shape, Str};
use crate::document::Cursor;
use crate::json::{self, Malformed, are_distinct};

/// A list of texts.
pub(crate) type Texts<'a> = List<std::borrow::Cow<'a, str>>;

/// An object whose keys are names that somebody chose.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByName<T>(pub(crate) Vec<(String, Field<T>)>);

impl<'a, T: Shape<'a>> Shape<'a> for ByName<T> {
    fn of_object(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
        let mut all = Vec::new();
        let mut more = cursor.enter(b'}')?;
        while more {
            let key = cursor.key()?.into_owned();
            cursor.colon()?;
            all.push((key, cursor.field()?));
            more = cursor.another(b'}')?;
        }
        Ok(Some(Self(all)))
    }
}

words! {
    /// `Firewall` of `describe-firewall`.
    Firewall {
        arn: Str<'a> = "FirewallArn",
        name: Str<'a> = "FirewallName",
        policy: Str<'a> = "FirewallPolicyArn",
    }
    /// `FirewallStatus` beside it.
    FirewallStatus {
        status: Str<'a> = "Status",
        sync_states: Field<ByName<SyncState<'a>>> = "SyncStates",
    }
    SyncState { attachment: Field<Attachment<'a>> = "Attachment", }
    Attachment {
        endpoint: Str<'a> = "EndpointId",
        status: Str<'a> = "Status",
    }

    /// `FirewallPolicyResponse` of `describe-firewall-policy`.
    FirewallPolicyResponse {
        arn: Str<'a> = "FirewallPolicyArn",
        name: Str<'a> = "FirewallPolicyName",
    }
    /// `FirewallPolicy` beside it.
    FirewallPolicy {
        stateless: List<StatelessReference<'a>> = "StatelessRuleGroupReferences",
        stateless_default: Texts<'a> = "StatelessDefaultActions",
        stateful: List<StatefulReference<'a>> = "StatefulRuleGroupReferences",
        stateful_default: Texts<'a> = "StatefulDefaultActions",
        options: Field<EngineOptions<'a>> = "StatefulEngineOptions",
    }
    StatelessReference {
        arn: Str<'a> = "ResourceArn",
        priority: Field<i64> = "Priority",
    }
    StatefulReference {
        arn: Str<'a> = "ResourceArn",
        priority: Field<i64> = "Priority",
        replaced: Field<Override<'a>> = "Override",
    }
    Override { action: Str<'a> = "Action", }
    EngineOptions { rule_order: Str<'a> = "RuleOrder", }

    /// `RuleGroupResponse` of `describe-rule-group`.
    RuleGroupResponse {
        arn: Str<'a> = "RuleGroupArn",
        name: Str<'a> = "RuleGroupName",
    }
    /// `RuleGroup` beside it; AWS WAF has one of that name.
    RuleGroup {
        source: Field<RulesSource<'a>> = "RulesSource",
        variables: Field<RuleVariables<'a>> = "RuleVariables",
    }
    RuleVariables {
        ip_sets: Field<ByName<Variable<'a>>> = "IPSets",
        port_sets: Field<ByName<Variable<'a>>> = "PortSets",
    }
    Variable { definition: Texts<'a> = "Definition", }
    RulesSource {
        stateless: Field<StatelessRules<'a>> = "StatelessRulesAndCustomActions",
        stateful: List<StatefulRule<'a>> = "StatefulRules",
        list: Field<RulesSourceList<'a>> = "RulesSourceList",
        rules: Str<'a> = "RulesString",
    }
    StatelessRules { rules: List<StatelessRule<'a>> = "StatelessRules", }
    StatelessRule {
        priority: Field<i64> = "Priority",
        definition: Field<RuleDefinition<'a>> = "RuleDefinition",
    }
    RuleDefinition {
        attributes: Field<MatchAttributes<'a>> = "MatchAttributes",
        actions: Texts<'a> = "Actions",
    }
    MatchAttributes {
        sources: List<Address<'a>> = "Sources",
        destinations: List<Address<'a>> = "Destinations",
        source_ports: List<Ports<'a>> = "SourcePorts",
        destination_ports: List<Ports<'a>> = "DestinationPorts",
        protocols: List<i64> = "Protocols",
        flags: List<Flags<'a>> = "TCPFlags",
    }
    Address { definition: Str<'a> = "AddressDefinition", }
    Ports {
        from: Field<i64> = "FromPort",
        to: Field<i64> = "ToPort",
    }
    Flags { flags: Texts<'a> = "Flags", }
    StatefulRule {
        action: Str<'a> = "Action",
        header: Field<Header<'a>> = "Header",
        options: List<RuleOption<'a>> = "RuleOptions",
    }
    Header {
        protocol: Str<'a> = "Protocol",
        source: Str<'a> = "Source",
        source_port: Str<'a> = "SourcePort",
        direction: Str<'a> = "Direction",
        destination: Str<'a> = "Destination",
        destination_port: Str<'a> = "DestinationPort",
    }
    RuleOption {
        keyword: Str<'a> = "Keyword",
        settings: Texts<'a> = "Settings",
    }
    RulesSourceList {
        kind: Str<'a> = "GeneratedRulesType",
    }
}
