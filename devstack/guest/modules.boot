# Kernel modules that the initial RAM disk loads before it looks for the root disk.
virtio_pci
virtio_blk
virtio_scsi
sd_mod
ata_piix
