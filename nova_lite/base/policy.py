# SPDX-License-Identifier: Apache-2.0
"""Who may do what: rules with Nova's names and defaults, oslo.policy files over them.

Each API resource declares its `Rule`s and hands them to `register`. `authorize` raises,
`allowed` answers. A changed policy file is read again within a second.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from oslo_config import cfg
from oslo_policy import opts as oslo_policy_options
from oslo_policy import policy as oslo_policy

from nova_lite.base import clock
from nova_lite.base.context import RequestContext
from nova_lite.base.policy_checks import Check, compile_check
from nova_lite.domain import errors

LOG = logging.getLogger(__name__)

# Defaults by the word that the documentation uses for them.
ADMIN = "rule:context_is_admin"
MANAGER = "rule:project_manager_or_admin"
MEMBER = "rule:project_member_or_admin"
READER = "rule:project_reader_or_admin"
SERVICE_OR_ADMIN = "rule:service_or_admin"
USER = "(rule:context_is_admin) or user_id:%(user_id)s"
ANY = "@"
NOBODY = "!"

# Defaults of older releases, valid while [oslo_policy] enforce_new_defaults is false.
LEGACY_OWNER = "rule:admin_or_owner"
LEGACY_ADMIN = "rule:admin_api"

# Seconds between looks at the policy files.
CHECK_FILES_EVERY = 1.0

# Packages with rules of their own name a function here that lists them (sample generator).
ENTRY_POINTS = "nova_lite.policies"


@dataclass(frozen=True)
class Rule:
    """One rule. `operations`: (method, path) pairs that it guards; `legacy`: the default of
    older releases where it differed; `scope`: token scopes that may ask."""

    name: str
    default: str
    description: str = ""
    operations: tuple[tuple[str, str], ...] = ()
    legacy: str | None = None
    scope: tuple[str, ...] = ("project",)


BASE_RULES = (
    Rule("context_is_admin", "role:admin", "Who is an administrator."),
    Rule("admin_api", "is_admin:True", "Administrators, as older policy files name them."),
    Rule(
        "admin_or_owner",
        "is_admin:True or project_id:%(project_id)s",
        "Administrators and the project's people, as older policy files name them.",
    ),
    Rule(
        "project_manager_api",
        "role:manager and project_id:%(project_id)s",
        "Managers of the project.",
        legacy=LEGACY_ADMIN,
    ),
    Rule(
        "project_member_api",
        "role:member and project_id:%(project_id)s",
        "Members of the project.",
        legacy=LEGACY_OWNER,
    ),
    Rule(
        "project_reader_api",
        "role:reader and project_id:%(project_id)s",
        "Readers of the project.",
        legacy=LEGACY_OWNER,
    ),
    Rule(
        "project_manager_or_admin",
        "rule:project_manager_api or rule:context_is_admin",
        "Managers of the project and administrators.",
        legacy=LEGACY_ADMIN,
    ),
    Rule(
        "project_member_or_admin",
        "rule:project_member_api or rule:context_is_admin",
        "Members of the project and administrators.",
        legacy=LEGACY_OWNER,
    ),
    Rule(
        "project_reader_or_admin",
        "rule:project_reader_api or rule:context_is_admin",
        "Readers of the project and administrators.",
        legacy=LEGACY_OWNER,
    ),
    Rule("service_api", "role:service", "Other services.", legacy=LEGACY_ADMIN),
    Rule(
        "service_or_admin",
        "rule:service_api or rule:context_is_admin",
        "Other services and administrators.",
        legacy=LEGACY_ADMIN,
    ),
)


class Policy:
    """The rules of one process."""

    def __init__(self, conf: cfg.ConfigOpts, rules: Iterable[Rule] = ()) -> None:
        """ConfigurationError when a policy file cannot be read."""
        self._rules: dict[str, Rule] = {}
        self._enforcer = oslo_policy.Enforcer(conf)
        # These warnings tell operators of defaults that changed; here all are new.
        self._enforcer.suppress_default_change_warnings = True
        self._enforcer.suppress_deprecation_warnings = True
        self._looked_at = 0.0
        self._compiled: dict[str, Check] = {}
        self.register(BASE_RULES)
        self.register(rules)
        try:
            self._enforcer.load_rules(force_reload=True)
        except Exception as error:
            reason = " ".join(str(error).split())
            raise errors.ConfigurationError(
                option="[oslo_policy] policy_file", reason=reason
            ) from error
        self._looked_at = clock.monotonic()

    def register(self, rules: Iterable[Rule]) -> None:
        """Add rules. ValueError when a name has another meaning already."""
        for rule in rules:
            known = self._rules.get(rule.name)
            if known == rule:
                continue
            if known is not None:
                raise ValueError(f"policy rule {rule.name} is declared twice, and differently")
            self._rules[rule.name] = rule
            self._enforcer.register_default(_oslo_rule(rule))
            self._looked_at = -CHECK_FILES_EVERY

    def allowed(
        self, context: RequestContext, rule: str, target: Mapping[str, Any] | None = None
    ) -> bool:
        """Whether the caller may. `target`: project_id and user_id of what is asked about, by
        default the caller's own. LookupError for a rule that nobody registered."""
        declared = self._rules.get(rule)
        if declared is None:
            raise LookupError(f"policy rule {rule} is not registered")
        self._look_at_files()
        if context.system_scope and "system" not in declared.scope:
            return False
        if not context.system_scope and context.project_id is None:
            return False  # a token for a domain, or for nothing
        if target is None:
            target = {"project_id": context.project_id, "user_id": context.user_id}
        return self._check(rule)(target, context.to_policy_values())

    def authorize(
        self, context: RequestContext, rule: str, target: Mapping[str, Any] | None = None
    ) -> None:
        """PolicyNotAuthorized when the caller may not."""
        if not self.allowed(context, rule, target):
            raise errors.PolicyNotAuthorized(rule=rule)

    def is_admin(self, context: RequestContext) -> bool:
        """Whether `context_is_admin` says so: what the API puts into `context.is_admin`."""
        return self.allowed(context, "context_is_admin")

    def _check(self, rule: str) -> Check:
        found = self._compiled.get(rule)
        if found is None:
            found = self._compiled[rule] = compile_check(self._enforcer, rule)
        return found

    def _look_at_files(self) -> None:
        now = clock.monotonic()
        if now - self._looked_at < CHECK_FILES_EVERY:
            return
        self._looked_at = now
        # oslo.policy may change its rules in place, so what was made of them goes.
        self._compiled = {}
        try:
            self._enforcer.load_rules()
        except Exception:
            LOG.exception("A policy file is unreadable; the rules stay as they were")


def _oslo_rule(rule: Rule) -> oslo_policy.RuleDefault:
    legacy = None
    if rule.legacy is not None:
        legacy = oslo_policy.DeprecatedRule(
            rule.name,
            rule.legacy,
            deprecated_reason="Roles are finer than administrator and owner now.",
            deprecated_since="0.1.0",
        )
    if not rule.operations:
        return oslo_policy.RuleDefault(
            rule.name,
            rule.default,
            description=rule.description or None,
            deprecated_rule=legacy,
            scope_types=list(rule.scope),
        )
    return oslo_policy.DocumentedRuleDefault(
        rule.name,
        rule.default,
        rule.description or rule.name,
        [{"method": method, "path": path} for method, path in rule.operations],
        deprecated_rule=legacy,
        scope_types=list(rule.scope),
    )


# --- the policy of this process -----------------------------------------------------------

_registered: dict[str, Rule] = {}
_policy: Policy | None = None


def register(rules: Iterable[Rule]) -> None:
    """Make rules known to this process, before or after `setup`."""
    rules = list(rules)
    for rule in rules:
        if _registered.setdefault(rule.name, rule) != rule:
            raise ValueError(f"policy rule {rule.name} is declared twice, and differently")
    if _policy is not None:
        _policy.register(rules)


def setup(conf: cfg.ConfigOpts | None = None) -> Policy:
    """Read the files now (ConfigurationError when they cannot be); again for another conf."""
    global _policy
    _policy = Policy(conf or cfg.CONF, _registered.values())
    return _policy


def get() -> Policy:
    """The policy of this process; set up on first use."""
    return _policy or setup()


def allowed(context: RequestContext, rule: str, target: Mapping[str, Any] | None = None) -> bool:
    """See `Policy.allowed`."""
    return get().allowed(context, rule, target)


def authorize(context: RequestContext, rule: str, target: Mapping[str, Any] | None = None) -> None:
    """See `Policy.authorize`."""
    get().authorize(context, rule, target)


def list_rules() -> list[oslo_policy.RuleDefault]:
    """For oslopolicy-sample-generator: the rules here and those of the entry points."""
    rules = {rule.name: rule for rule in (*BASE_RULES, *_registered.values())}
    for point in metadata.entry_points(group=ENTRY_POINTS):
        rules.update((rule.name, rule) for rule in point.load()())
    return [_oslo_rule(rule) for rule in rules.values()]


def enforcer() -> oslo_policy.Enforcer:
    """For oslopolicy-checker and oslopolicy-list-redundant."""
    return get()._enforcer


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """oslo.policy's own options, for tests that set them before a Policy exists."""
    options: list[tuple[str, list[cfg.Opt]]] = oslo_policy_options.list_opts()
    return options
