/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the guest's root file system as large as its disk.
 *
 *   growroot part DISK N    let MBR partition N (1 to 4) reach the end of DISK;
 *                           used before anything on DISK is mounted
 *   growroot fs MOUNT DEV   let the mounted ext4 at MOUNT fill DEV
 *
 * Exit status: 0 done or nothing to do, 1 failed (said on stderr), 2 wrong use.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/fs.h>

#define SECTOR 512
#define MBR_TABLE 446 /* first of the four 16-byte entries */
#define MBR_START 8   /* inside an entry: first sector, 32 bits */
#define MBR_LENGTH 12 /* inside an entry: number of sectors, 32 bits */
#define EXT4_RESIZE _IOW('f', 16, uint64_t) /* EXT4_IOC_RESIZE_FS, in no public header */

static int failed(const char *what)
{
    perror(what);
    return 1;
}

static int grow_partition(const char *disk, int number)
{
    unsigned char mbr[SECTOR];
    uint64_t bytes;
    int fd = open(disk, O_RDWR);

    if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes) < 0)
        return failed(disk);
    if (read(fd, mbr, SECTOR) != SECTOR)
        return failed(disk);
    if (mbr[510] != 0x55 || mbr[511] != 0xaa) {
        fprintf(stderr, "%s: no partition table\n", disk);
        return 1;
    }

    unsigned char *entry = mbr + MBR_TABLE + 16 * (number - 1);
    uint32_t start, length;
    memcpy(&start, entry + MBR_START, sizeof start);
    memcpy(&length, entry + MBR_LENGTH, sizeof length);

    uint64_t end = bytes / SECTOR;
    if (end > UINT32_MAX)
        end = UINT32_MAX;
    if (start == 0 || end <= start)
        return 0;
    uint32_t wanted = (uint32_t)(end - start) & ~7u; /* whole 4 KiB blocks */
    if (wanted <= length)
        return 0;

    memcpy(entry + MBR_LENGTH, &wanted, sizeof wanted);
    if (pwrite(fd, mbr, SECTOR, 0) != SECTOR || fsync(fd) < 0)
        return failed(disk);
    if (ioctl(fd, BLKRRPART) < 0)
        return failed("reading the partition table again");
    return close(fd);
}

static int grow_file_system(const char *mount, const char *device)
{
    struct statfs info;
    uint64_t bytes;
    int source = open(device, O_RDONLY);
    int target = open(mount, O_RDONLY);

    if (source < 0 || ioctl(source, BLKGETSIZE64, &bytes) < 0)
        return failed(device);
    if (target < 0 || fstatfs(target, &info) < 0)
        return failed(mount);
    uint64_t blocks = bytes / info.f_bsize;
    if (ioctl(target, EXT4_RESIZE, &blocks) < 0)
        return failed("resizing");
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && !strcmp(argv[1], "part")) {
        int number = atoi(argv[3]);
        if (number >= 1 && number <= 4)
            return grow_partition(argv[2], number);
    }
    if (argc == 4 && !strcmp(argv[1], "fs"))
        return grow_file_system(argv[2], argv[3]);
    fprintf(stderr, "usage: growroot part DISK N | growroot fs MOUNT DEVICE\n");
    return 2;
}
