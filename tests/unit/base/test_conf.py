# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

import pytest
from oslo_config import cfg

from nova_lite.base import conf
from nova_lite.base.conf.opts import GROUPS, list_opts

# Names and defaults that operators of Nova know; what they mean is in the option's help.
KNOWN = {
    ("DEFAULT", "rpc_response_timeout"): 60,
    ("DEFAULT", "long_rpc_timeout"): 1800,
    ("DEFAULT", "report_interval"): 10,
    ("DEFAULT", "service_down_time"): 60,
    ("DEFAULT", "initial_cpu_allocation_ratio"): 4.0,
    ("DEFAULT", "reserved_host_memory_mb"): 512,
    ("DEFAULT", "max_concurrent_builds"): 10,
    ("DEFAULT", "instance_name_template"): "instance-%08x",
    ("DEFAULT", "sync_power_state_interval"): 600,
    ("DEFAULT", "reclaim_instance_interval"): 0,
    ("DEFAULT", "osapi_compute_listen_port"): 8774,
    ("DEFAULT", "default_availability_zone"): "nova",
    ("DEFAULT", "password_length"): 12,
    ("api", "max_limit"): 1000,
    ("scheduler", "max_attempts"): 3,
    ("filter_scheduler", "io_ops_weight_multiplier"): -1.0,
    ("filter_scheduler", "build_failure_weight_multiplier"): 1000000.0,
    ("filter_scheduler", "max_instances_per_host"): 50,
    ("libvirt", "virt_type"): "kvm",
    ("libvirt", "wait_soft_reboot_seconds"): 120,
    ("image_cache", "subdirectory_name"): "_base",
    ("image_cache", "remove_unused_original_minimum_age_seconds"): 86400,
    ("vnc", "server_listen"): "127.0.0.1",
    ("quota", "instances"): 10,
    ("quota", "cores"): 20,
    ("quota", "ram"): 51200,
    ("quota", "key_pairs"): 100,
    ("quota", "injected_file_content_bytes"): 10240,
    ("database", "max_pool_size"): 5,
    ("api_database", "connection_recycle_time"): 3600,
    ("workarounds", "handle_virt_lifecycle_events"): True,
}


@pytest.mark.parametrize("group, name", KNOWN)
def test_names_and_defaults_are_those_of_nova(group, name):
    fresh = cfg.ConfigOpts()
    conf.register(fresh)
    fresh([], default_config_files=[], default_config_dirs=[])
    found = fresh[name] if group == "DEFAULT" else fresh[group][name]
    assert found == KNOWN[group, name]


def test_every_option_says_what_it_is():
    names = set()
    for group, options in GROUPS:
        for option in options:
            assert option.help and option.help.endswith("."), (group, option.name)
            assert (group, option.name) not in names
            names.add((group, option.name))


def test_the_generator_gets_them_all():
    assert list_opts()[: len(GROUPS)] == GROUPS


def test_database_urls_are_secrets():
    for group in ("database", "api_database"):
        options = [o for name, group_options in GROUPS if name == group for o in group_options]
        assert [o.secret for o in options if o.name == "connection"] == [True]


SETUP = """
import sys
from pathlib import Path
from nova_lite.base import conf
found = conf.setup(sys.argv[2:], "nova-lite-test", default_file=Path(sys.argv[1]))
print(found.host, found.debug)
"""


def setup(default_file, *arguments):
    return subprocess.run(
        [sys.executable, "-c", SETUP, str(default_file), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_files(tmp_path):
    default, other = tmp_path / "nova.conf", tmp_path / "other.conf"
    default.write_text("[DEFAULT]\nhost = by-default\n")
    other.write_text("[DEFAULT]\nhost = by-option\n[unknown]\nthing = 1\n")
    assert setup(default).stdout == "by-default False\n"
    assert setup(default, "--config-file", str(other), "--debug").stdout == "by-option True\n"
    assert setup(tmp_path / "missing").returncode == 0


@pytest.mark.parametrize(
    "text, words",
    [
        ("[libvirt]\nvirt_type = xen\n", "option [libvirt] virt_type: "),
        ("[DEFAULT]\nreport_interval = soon\n", "option [DEFAULT] report_interval: "),
        ("[DEFAULT]\nrpc_response_timeout = soon\n", "option [DEFAULT] rpc_response_timeout: "),
        ("[DEFAULT]\nhost = two words\n", "option [DEFAULT] host: "),
        ("[quota]\ncores = -2\n", "option [quota] cores: "),
        ("[network]\nquotas = port:many\n", "option [network] quotas: "),
        ("[network]\nquotas = port:-2\n", "option [network] quotas: "),
        ("[network]\nquotas = ports:5\n", "option [network] quotas: ports: one of network, "),
        ("no section\n", "nova.conf"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_1(tmp_path, text, words):
    path = tmp_path / "nova.conf"
    path.write_text(text)
    done = setup(path)
    assert done.returncode == 1
    assert done.stderr.startswith("nova-lite-test: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_not_there(tmp_path):
    done = setup(tmp_path / "x", "--config-file", str(tmp_path / "absent.conf"))
    assert done.returncode == 1
    assert "absent.conf" in done.stderr
