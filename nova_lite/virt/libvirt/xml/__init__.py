# SPDX-License-Identifier: Apache-2.0
"""From a GuestSpec to libvirt's XML, and back to what we need of XML. Pure."""

from nova_lite.virt.libvirt.xml.disk import copy_xml
from nova_lite.virt.libvirt.xml.domain import domain_xml
from nova_lite.virt.libvirt.xml.interface import interface_xml

__all__ = ["copy_xml", "domain_xml", "interface_xml"]
