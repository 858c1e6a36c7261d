# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves and breaks the clusters of a file on a FAT32 image, behind the back of every driver."""

import random
import struct

SECTOR = 512
END_OF_CHAIN = 0x0FFFFFFF


class FatVolume:
    """The allocation of a FAT32 volume, held in memory until save()."""

    def __init__(self, path, start):
        self.path, self.start = path, start
        boot = self._read(0, SECTOR)
        self.cluster_sectors, reserved, self.fats = struct.unpack_from('<BHB', boot, 13)
        total, self.fat_sectors = struct.unpack_from('<II', boot, 32)
        self.root, = struct.unpack_from('<I', boot, 44)
        self.fat_start = reserved
        self.data_start = reserved + self.fats * self.fat_sectors
        self.clusters = (total - self.data_start) // self.cluster_sectors
        fat = self._read(self.fat_start, self.fat_sectors * SECTOR)
        self.fat = list(struct.unpack(f'<{len(fat) // 4}I', fat))

    def _read(self, sector, size):
        with open(self.path, 'rb') as file:
            file.seek((self.start + sector) * SECTOR)
            return file.read(size)

    def _write(self, sector, data):
        with open(self.path, 'r+b') as file:
            file.seek((self.start + sector) * SECTOR)
            file.write(data)

    def _cluster_sector(self, cluster):
        return self.data_start + (cluster - 2) * self.cluster_sectors

    def read_cluster(self, cluster):
        return self._read(self._cluster_sector(cluster), self.cluster_sectors * SECTOR)

    def write_cluster(self, cluster, data):
        self._write(self._cluster_sector(cluster), data)

    def chain(self, cluster):
        """The clusters of a chain, in order."""
        clusters = []
        while cluster < 0x0FFFFFF8:
            clusters.append(cluster)
            cluster = self.fat[cluster] & 0x0FFFFFFF
        return clusters

    def _find(self, name):
        """Returns the root directory's cluster, the offset and the bytes of an entry."""
        for cluster in self.chain(self.root):
            data = bytearray(self.read_cluster(cluster))
            for at in range(0, len(data), 32):
                if data[at:at + 11] == name and not data[at + 11] & 0x18:
                    return cluster, at, data
        raise LookupError(name)

    def file_chain(self, name=b'BOOTMGR    '):
        """The clusters of a file of the root directory."""
        _, at, data = self._find(name)
        high, = struct.unpack_from('<H', data, at + 20)
        low, = struct.unpack_from('<H', data, at + 26)
        return self.chain(high << 16 | low)

    def scatter(self, layout, name=b'BOOTMGR    '):
        """Moves a file's clusters into another layout (see `layouts`)."""
        old = self.file_chain(name)
        free = [cluster for cluster in range(2, self.clusters + 2) if self.fat[cluster] == 0]
        new = layouts[layout](free, len(old))
        contents = [self.read_cluster(cluster) for cluster in old]
        for cluster in old:
            self.fat[cluster] = 0
        for cluster, following in zip(new, new[1:] + [END_OF_CHAIN]):
            self.fat[cluster] = following
        for cluster, content in zip(new, contents):
            self.write_cluster(cluster, content)
        cluster, at, data = self._find(name)
        struct.pack_into('<H', data, at + 20, new[0] >> 16)
        struct.pack_into('<H', data, at + 26, new[0] & 0xFFFF)
        self.write_cluster(cluster, data)
        return self.save()

    def save(self):
        """Writes every copy of the FAT."""
        fat = struct.pack(f'<{len(self.fat)}I', *self.fat)
        for copy in range(self.fats):
            self._write(self.fat_start + copy * self.fat_sectors, fat)
        return self


def _pairs_backwards(free, count):
    """Runs of two clusters, from the end of the volume towards its start."""
    runs = [free[at:at + 2] for at in range(len(free) - 3, 0, -3)]
    return [cluster for run in runs for cluster in run][:count]


layouts = {
    'every-second': lambda free, count: free[1::2][:count],
    'pairs-backwards': _pairs_backwards,
    'random': lambda free, count: random.Random(7).sample(free, count),
}
