# SPDX-License-Identifier: Apache-2.0
"""The RPC contracts: signatures only, one class a daemon. See rpc/contract.py."""
