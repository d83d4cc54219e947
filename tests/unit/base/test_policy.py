# SPDX-License-Identifier: Apache-2.0
import os
import time

import pytest
from oslo_config import cfg

from nova_lite.base import policy
from nova_lite.base.context import RequestContext
from nova_lite.domain import errors

SHOW = policy.Rule("test:show", policy.READER, "See it.", (("GET", "/things/{id}"),))
CHANGE = policy.Rule("test:change", policy.MEMBER)
MANAGE = policy.Rule("test:manage", policy.MANAGER)
ADMIN = policy.Rule("test:admin", policy.ADMIN)
OLD = policy.Rule("test:old", policy.ADMIN, legacy=policy.LEGACY_OWNER)
MINE = policy.Rule("test:mine", policy.USER)
SERVICE = policy.Rule("test:service", policy.SERVICE_OR_ADMIN)
ANY = policy.Rule("test:any", policy.ANY)
NOBODY = policy.Rule("test:nobody", policy.NOBODY)
RULES = (SHOW, CHANGE, MANAGE, ADMIN, OLD, MINE, SERVICE, ANY, NOBODY)

READER = RequestContext(user_id="u1", project_id="p1", roles=("reader",))
MEMBER = RequestContext(user_id="u1", project_id="p1", roles=("member", "reader"))
MANAGER = RequestContext(user_id="u1", project_id="p1", roles=("manager", "member", "reader"))
OTHER = RequestContext(user_id="u2", project_id="p2", roles=("member", "reader"))
ROOT = RequestContext(user_id="root", project_id="p0", roles=("admin",), is_admin=True)
ROBOT = RequestContext(user_id="robot", project_id="p0", roles=("service",))
NOONE = RequestContext(user_id="u1", project_id="p1")

TARGET = {"project_id": "p1", "user_id": "u1"}
ALL = {"reader", "member", "manager", "other", "root", "robot", "noone"}
CALLERS = {
    "reader": READER,
    "member": MEMBER,
    "manager": MANAGER,
    "other": OTHER,
    "root": ROOT,
    "robot": ROBOT,
    "noone": NOONE,
}


def make(tmp_path, text=None, **options):
    conf = cfg.ConfigOpts()
    conf([], default_config_files=[], default_config_dirs=[])
    path = tmp_path / "policy.yaml"
    if text is not None:
        path.write_text(text)
    conf.register_opts(policy.list_opts()[0][1], "oslo_policy")
    conf.set_override("policy_file", str(path), "oslo_policy")
    for name, value in options.items():
        conf.set_override(name, value, "oslo_policy")
    return policy.Policy(conf, RULES)


@pytest.mark.parametrize(
    "rule, who",
    [
        (SHOW, {"reader", "member", "manager", "root"}),
        (CHANGE, {"member", "manager", "root"}),
        (MANAGE, {"manager", "root"}),
        (ADMIN, {"root"}),
        (OLD, {"root"}),
        (MINE, {"reader", "member", "manager", "root", "noone"}),
        (SERVICE, {"robot", "root"}),
        (ANY, ALL),
        (NOBODY, set()),
    ],
)
def test_defaults(tmp_path, rule, who):
    subject = make(tmp_path)
    found = {
        name for name, context in CALLERS.items() if subject.allowed(context, rule.name, TARGET)
    }
    assert found == who


def test_legacy_defaults_hold_while_the_new_ones_are_not_enforced(tmp_path):
    subject = make(tmp_path, enforce_new_defaults=False)
    assert subject.allowed(NOONE, "test:change", TARGET)
    assert not subject.allowed(OTHER, "test:change", TARGET)
    assert subject.allowed(NOONE, "test:old", TARGET)
    assert not subject.allowed(NOONE, "test:manage", TARGET)
    assert not make(tmp_path).allowed(NOONE, "test:change", TARGET)


def test_refusal_names_the_rule(tmp_path):
    with pytest.raises(errors.PolicyNotAuthorized) as refusal:
        make(tmp_path).authorize(OTHER, "test:show", TARGET)
    assert refusal.value.message == "Policy doesn't allow test:show to be performed."


def test_own_project_is_the_default_target(tmp_path):
    subject = make(tmp_path)
    assert subject.allowed(READER, "test:show")
    assert subject.allowed(OTHER, "test:show")


def test_a_system_scoped_token_is_refused(tmp_path):
    system = RequestContext(user_id="root", roles=("admin",), is_admin=True, system_scope="all")
    assert not make(tmp_path).allowed(system, "test:admin")


def test_a_token_without_a_project_is_refused(tmp_path):
    of_a_domain = RequestContext(user_id="root", roles=("admin",), is_admin=True)
    assert not make(tmp_path).allowed(of_a_domain, "test:admin")


def test_file_overrides_and_is_read_again_when_changed(tmp_path, manual_clock):
    subject = make(tmp_path, '"test:show": "rule:context_is_admin"\n')
    assert not subject.allowed(READER, "test:show", TARGET)
    path = tmp_path / "policy.yaml"
    path.write_text('"test:show": "@"\n')
    later = time.time() + 10
    os.utime(path, (later, later))
    assert not subject.allowed(READER, "test:show", TARGET)
    manual_clock.advance(policy.CHECK_FILES_EVERY)
    assert subject.allowed(NOONE, "test:show", TARGET)
    path.write_text("{ nonsense\n")
    os.utime(path, (later + 10, later + 10))
    manual_clock.advance(policy.CHECK_FILES_EVERY)
    assert subject.allowed(NOONE, "test:show", TARGET)


def test_unreadable_file_at_start_is_a_configuration_error(tmp_path):
    with pytest.raises(errors.ConfigurationError) as error:
        make(tmp_path, "{ nonsense\n")
    assert "policy_file" in error.value.message
    assert "\n" not in error.value.message


def test_unknown_rule_is_a_mistake_of_ours(tmp_path):
    with pytest.raises(LookupError):
        make(tmp_path).allowed(ROOT, "test:unknown")


def test_one_name_has_one_meaning(tmp_path):
    subject = make(tmp_path)
    subject.register([SHOW])
    with pytest.raises(ValueError):
        subject.register([policy.Rule("test:show", policy.ANY)])


def test_is_admin_follows_the_file(tmp_path):
    assert make(tmp_path).is_admin(ROOT)
    operator = RequestContext(project_id="p", roles=("operator",))
    assert not make(tmp_path).is_admin(operator)
    assert make(tmp_path, '"context_is_admin": "role:operator"\n').is_admin(operator)


@pytest.mark.parametrize("name", [rule.name for rule in RULES])
@pytest.mark.parametrize("enforced", [True, False])
def test_compiled_checks_answer_as_oslo_policy_does(tmp_path, name, enforced):
    subject = make(tmp_path, enforce_new_defaults=enforced)
    for context in CALLERS.values():
        for target in (TARGET, {"project_id": "p2", "user_id": "u2"}, {}):
            theirs = subject._enforcer.enforce(name, target, context.to_policy_values())
            assert subject.allowed(context, name, target) == theirs, (context, target)


@pytest.mark.parametrize(
    "text",
    [
        "not role:reader",
        "role:%(project_id)s or user_id:u1",
        "'u1':%(user_id)s",
        "roles:reader",
        "unknown:%(project_id)s",
        "rule:nowhere",
        "(role:admin and not project_id:p1) or (role:READER and is_admin:False)",
    ],
)
def test_checks_of_operators_answer_as_oslo_policy_does(tmp_path, text):
    subject = make(tmp_path, f'"test:show": "{text}"\n')
    for context in CALLERS.values():
        theirs = subject._enforcer.enforce("test:show", TARGET, context.to_policy_values())
        assert subject.allowed(context, "test:show", TARGET) == theirs, context


def test_a_check_is_cheap(tmp_path):
    subject = make(tmp_path)
    subject.allowed(READER, "test:change", TARGET)
    spent = time.process_time()
    for _ in range(2000):
        subject.allowed(READER, "test:change", TARGET)
    spent = time.process_time() - spent
    assert spent / 2000 < 50e-6


def test_sample_has_the_base_rules_and_operations():
    names = {rule.name for rule in policy.list_rules()}
    assert {rule.name for rule in policy.BASE_RULES} <= names
