# SPDX-License-Identifier: Apache-2.0
"""A stateful driver without a hypervisor: many hosts in one process, faults on demand."""
