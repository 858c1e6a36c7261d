# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds UDF volumes block by block, right ones and, where a test asks for it, wrong ones.

Layouts are those of ECMA-167 (3rd edition) and OSTA UDF 2.60; they were written down here on their own, not taken
from the reader, so that a mistake in one shows.
"""
import binascii
import struct

TAG_PRIMARY_VOLUME, TAG_ANCHOR, TAG_POINTER, TAG_PARTITION, TAG_LOGICAL_VOLUME, TAG_TERMINATING = 1, 2, 3, 5, 6, 8
TAG_FILE_SET, TAG_FILE_IDENTIFIER, TAG_ALLOCATION_EXTENT, TAG_FILE_ENTRY, TAG_EXTENDED_FILE_ENTRY = \
    256, 257, 258, 261, 266
RECORDED, NOT_RECORDED, NOT_ALLOCATED, NEXT = 0, 1, 2, 3
SHORT, LONG, EXTENDED, EMBEDDED = 0, 1, 2, 3
FOLDER, BYTES, SYMLINK, REAL_TIME, METADATA, MIRROR = 4, 5, 12, 249, 250, 251
DIRECTORY, DELETED, PARENT = 2, 4, 8


def seal(data):
    """Sets the CRC and the checksum of the descriptor tag in front of data."""
    data = bytearray(data)
    length, = struct.unpack_from('<H', data, 10)
    struct.pack_into('<H', data, 8, binascii.crc_hqx(bytes(data[16:16 + length]), 0))
    data[4] = 0
    data[4] = sum(data[:16]) & 255
    return bytes(data)


def descriptor(identifier, location, body):
    """A descriptor of 16 + len(body) bytes whose CRC covers all of it, as far as the field for its length goes."""
    return seal(struct.pack('<HHBBHHHI', identifier, 2, 0, 0, 1, 0, min(len(body), 0xffff), location) + body)


def cs0(text, wide=None):
    units = text.encode('utf-16-be', 'surrogatepass')
    if wide is None:
        wide = any(ord(character) > 255 for character in text)
    return b'\x10' + units if wide else b'\x08' + text.encode('latin-1')


def dstring(text, size):
    data = cs0(text)
    return data + bytes(size - 1 - len(data)) + bytes([len(data)])


def regid(name, suffix=b''):
    return struct.pack('<B23s8s', 0, name.encode('ascii'), suffix)


def timestamp(year, month, day, hour, minute, second, zone=0, kind=1):
    return struct.pack('<HhBBBBBBBB', kind << 12 | zone & 0xfff, year, month, day, hour, minute, second, 0, 0, 0)


DEFAULT_TIME = timestamp(2020, 2, 29, 12, 30, 59)


def short_ad(size, block, kind=RECORDED):
    return struct.pack('<II', kind << 30 | size, block)


def long_ad(size, block, reference=0, kind=RECORDED):
    return struct.pack('<IIH6x', kind << 30 | size, block, reference)


def extent_ad(size, block):
    return struct.pack('<II', size, block)


def physical_map(number=0):
    return struct.pack('<BBHH', 1, 6, 1, number)


def type_2_map(name, tail, number=0):
    body = struct.pack('<BB2x', 2, 64) + regid(name) + struct.pack('<HH', 1, number) + tail
    return body + bytes(64 - len(body))


def pattern(size, seed=0):
    """The contents of files: the tests in C make the same."""
    return bytes((i ^ i >> 8 ^ seed) & 255 for i in range(size))


class Folder:
    """A folder being filled; its file entry and names are written when the volume is finished."""

    def __init__(self, volume, parent=None, **options):
        self.volume = volume
        self.icb = volume.allocate_metadata()
        self.parent = parent or self
        self.options = options
        self.names = []
        self.add_raw(b'', self.parent.icb, PARENT | DIRECTORY)
        volume.folders.append(self)

    def add_raw(self, name, icb, characteristics=0, implementation=b''):
        """Appends a file identifier descriptor; name is CS0."""
        reference = self.volume.metadata_reference
        block_size = self.volume.block_size
        body = struct.pack('<HBB', 1, characteristics, len(name)) + long_ad(block_size, icb, reference) \
            + struct.pack('<H', len(implementation)) + implementation + name
        body += bytes(-(16 + len(body)) % 4)
        self.names.append(descriptor(TAG_FILE_IDENTIFIER, self.icb, body))

    def add(self, name, icb, characteristics=0):
        self.add_raw(cs0(name), icb, characteristics)

    def folder(self, name, **options):
        child = Folder(self.volume, self, **options)
        self.add(name, child.icb, DIRECTORY)
        return child

    def file(self, name, data=b'', **options):
        icb = self.volume.file(data, **options)
        self.add(name, icb)
        return icb

    def finish(self):
        self.volume.write_file(self.icb, b''.join(self.names), type=FOLDER, in_metadata=True, **self.options)


class Volume:
    """A volume; space is the whole image by block, other numbers of blocks count from the partition's start."""

    def __init__(self, block_size=2048, revision=0x0102, anchors=(256, -1), tiny=False, has_metadata=False,
                 metadata_first=False, label='VOLUME'):
        self.block_size = block_size
        self.revision = revision
        self.anchors = anchors
        self.label = label
        self.space = {}
        self.main_sequence = 1 if tiny else 32768 // block_size + 16
        self.reserve_sequence = self.main_sequence + 16
        self.partition_start = self.reserve_sequence + 16 if tiny else 257
        self.announced = not tiny
        self.next_block = 0
        self.metadata = {}  # contents of the metadata partition, by block
        self.has_metadata = has_metadata
        self.physical_reference = 1 if metadata_first else 0
        self.metadata_reference = 0 if metadata_first or not has_metadata else 1
        self.metadata_holes = set()
        self.maps = [physical_map()]
        self.partitions = []  # more than the first one: (number, start, blocks)
        self.extra_descriptors = []  # functions of the block they will lie in
        self.partition_blocks = None
        self.total_blocks = None
        self.cut_bytes = None  # where the image is cut off, if it is
        self.folders = []
        self.file_set = self.allocate_metadata()
        self.root = Folder(self)

    # Space

    def allocate(self, count=1):
        block = self.next_block
        self.next_block += count
        return block

    def allocate_metadata(self):
        if not self.has_metadata:
            return self.allocate()
        block = len(self.metadata)
        self.metadata[block] = b''
        return block

    def write(self, block, data):
        """Writes into the partition."""
        self.write_absolute(self.partition_start + block, data)

    def write_absolute(self, block, data):
        for at in range(0, max(len(data), 1), self.block_size):
            piece = data[at:at + self.block_size]
            self.space[block + at // self.block_size] = piece + bytes(self.block_size - len(piece))

    def write_metadata(self, block, data):
        """Writes where file entries and folders lie."""
        assert len(data) <= self.block_size
        if self.has_metadata:
            self.metadata[block] = data
        else:
            self.write(block, data)

    def blocks(self, size):
        return -(-size // self.block_size)

    def store(self, data):
        """Writes data to new blocks, returns the first."""
        block = self.allocate(self.blocks(len(data)))
        self.write(block, data)
        return block

    # Files

    def entry(self, location, size, ads, kind, type=BYTES, extended=False, time=DEFAULT_TIME, strategy=4,
              attributes=b'', ads_size=None, attributes_size=None):
        """A file entry with given allocation descriptors."""
        icb_tag = struct.pack('<IHHHBBIHH', 0, strategy, 0, 1, 0, type, 0, 0, kind)
        head = icb_tag + struct.pack('<IIIHBBIQ', 0, 0, 0, 1, 0, 0, 0, size)
        lengths = struct.pack('<II', len(attributes) if attributes_size is None else attributes_size,
                              len(ads) if ads_size is None else ads_size)
        old = timestamp(1999, 1, 1, 0, 0, 0)
        if extended:
            body = head + struct.pack('<QQ', size, 0) + old + time + old + old + bytes(8) + bytes(32) \
                + regid('*tests') + bytes(8) + lengths
            assert len(body) == 216 - 16
        else:
            body = head + bytes(8) + old + time + old + bytes(4) + bytes(16) + regid('*tests') + bytes(8) + lengths
            assert len(body) == 176 - 16
        identifier = TAG_EXTENDED_FILE_ENTRY if extended else TAG_FILE_ENTRY
        return descriptor(identifier, location, body + attributes + ads)

    def write_entry(self, location, *arguments, **options):
        self.write_metadata(location, self.entry(location, *arguments, **options))

    def write_file(self, icb, data, kind=None, in_metadata=False, pieces=1, **options):
        """Stores data in a number of pieces that do not touch, and its file entry."""
        if kind is None:
            kind = LONG if self.has_metadata and not in_metadata else SHORT
        if kind == EMBEDDED:
            self.write_entry(icb, len(data), data, kind, **options)
            return
        ads = b''
        step = self.blocks(-(-len(data) // pieces)) * self.block_size or 1
        for at in range(0, len(data), step):
            piece = data[at:at + step]
            if in_metadata and self.has_metadata:
                block = self.store_metadata(piece)
            else:
                block = self.store(piece)
                if pieces > 1:
                    self.allocate()
            ads += short_ad(len(piece), block) if kind == SHORT \
                else long_ad(len(piece), block, self.physical_reference)
        self.write_entry(icb, len(data), ads, kind, **options)

    def store_metadata(self, data):
        first = len(self.metadata)
        for at in range(0, len(data), self.block_size):
            self.metadata[self.allocate_metadata()] = data[at:at + self.block_size]
        return first

    def file(self, data, **options):
        icb = self.allocate_metadata()
        self.write_file(icb, data, **options)
        return icb

    def raw_file(self, size, ads, kind=SHORT, **options):
        """A file entry with the allocation descriptors the test wants."""
        icb = self.allocate_metadata()
        self.write_entry(icb, size, ads, kind, **options)
        return icb

    def allocation_extent(self, block, ads, size=None):
        self.write(block, descriptor(TAG_ALLOCATION_EXTENT, block,
                                     struct.pack('<II', 0, len(ads) if size is None else size) + ads))

    # Volume structures

    def primary_volume_descriptor(self, location):
        """Our reader has no use for it, others refuse a volume without one."""
        body = struct.pack('<II', 1, 0) + dstring(self.label, 32) + struct.pack('<HHHHII', 1, 1, 2, 2, 1, 1) \
            + dstring('SET', 128) + bytes(64 + 64 + 8 + 8) + regid('*tests') + DEFAULT_TIME + regid('*tests') \
            + bytes(64 + 4 + 2 + 22)
        assert len(body) == 512 - 16
        return descriptor(TAG_PRIMARY_VOLUME, location, body)

    def partition_descriptor(self, location, number, start, blocks, sequence=1):
        body = struct.pack('<IHH', sequence, 1, number) + regid('+NSR02') + bytes(128) \
            + struct.pack('<III', 1, start, blocks) + regid('*tests') + bytes(128)
        return descriptor(TAG_PARTITION, location, body + bytes(512 - 16 - len(body)))

    def logical_volume_descriptor(self, location, sequence=1, label=None, block_size=None, maps=None):
        maps = b''.join(self.maps) if maps is None else maps
        body = struct.pack('<I', sequence) + bytes(64) + dstring(label or self.label, 128) \
            + struct.pack('<I', block_size or self.block_size) \
            + regid('*OSTA UDF Compliant', struct.pack('<H6x', self.revision)) \
            + long_ad(self.block_size, self.file_set, self.metadata_reference) \
            + struct.pack('<II', len(maps), len(self.maps)) + regid('*tests') + bytes(128) + extent_ad(0, 0) + maps
        return descriptor(TAG_LOGICAL_VOLUME, location, body)

    def write_sequence(self, block):
        """One volume descriptor sequence."""
        makers = [lambda at: self.logical_volume_descriptor(at),
                  lambda at: self.partition_descriptor(at, 0, self.partition_start, self.partition_blocks)]
        makers += [lambda at, partition=partition: self.partition_descriptor(at, *partition)
                   for partition in self.partitions]
        makers += self.extra_descriptors + [self.primary_volume_descriptor]
        makers.append(lambda at: descriptor(TAG_TERMINATING, at, bytes(496)))
        for number, make in enumerate(makers):
            self.write_absolute(block + number, make(block + number))

    def write_file_set(self):
        body = DEFAULT_TIME + struct.pack('<HHIIII', 3, 3, 1, 1, 0, 0) + bytes(64) + bytes(128) + bytes(64) \
            + bytes(32) * 3 + long_ad(self.block_size, self.root.icb, self.metadata_reference) \
            + regid('*OSTA UDF Compliant') + bytes(16 + 48)
        assert len(body) == 512 - 16
        self.write_metadata(self.file_set, descriptor(TAG_FILE_SET, self.file_set, body))

    def write_metadata_copy(self, type):
        """The contents of the metadata partition, in extents of 3 blocks with gaps, and their file entry."""
        icb = self.allocate()
        ads = b''
        logical = 0
        while logical < len(self.metadata):
            if logical in self.metadata_holes:
                ads += short_ad(self.block_size, 0, NOT_ALLOCATED)
                logical += 1
                continue
            run = 1
            while run < 3 and logical + run < len(self.metadata) and logical + run not in self.metadata_holes:
                run += 1
            block = self.allocate(run + 1)
            for i in range(run):
                self.write(block + i, self.metadata[logical + i])
            ads += short_ad(run * self.block_size, block)
            logical += run
        size = logical * self.block_size
        self.write(icb, self.entry(icb, size, ads, SHORT, type=type, extended=True))
        return icb

    def write_announcement(self):
        step = max(2048, self.block_size)
        for number, identifier in enumerate((b'BEA01', b'NSR02' if self.revision < 0x200 else b'NSR03', b'TEA01')):
            at = 32768 + number * step
            self.space[at // self.block_size] = (b'\0' + identifier + b'\1').ljust(self.block_size, b'\0')

    def finish(self):
        """Writes all that depends on the rest; anchors below 0 count from the end, -1 is the last block."""
        for folder in self.folders:
            folder.finish()
        self.write_file_set()
        if self.has_metadata:
            main = self.write_metadata_copy(METADATA)
            mirror = self.write_metadata_copy(MIRROR)
            tail = struct.pack('<IIIIHB5x', main, mirror, 0xffffffff, 1, 1, 1)
            self.maps.insert(self.metadata_reference, type_2_map('*UDF Metadata Partition', tail))
            self.metadata_icbs = (main, mirror)
        if self.partition_blocks is None:
            self.partition_blocks = self.next_block
        used = max([self.partition_start + self.next_block] + [start + blocks for _, start, blocks in self.partitions])
        if self.total_blocks is None:
            self.total_blocks = max([used] + [anchor for anchor in self.anchors]) + 1
        self.write_sequence(self.main_sequence)
        self.write_sequence(self.reserve_sequence)
        if self.announced:
            self.write_announcement()
        sequences = extent_ad(16 * self.block_size, self.main_sequence) \
            + extent_ad(16 * self.block_size, self.reserve_sequence)
        for anchor in self.anchors:
            block = anchor if anchor >= 0 else self.total_blocks + anchor
            self.write_absolute(block, descriptor(TAG_ANCHOR, block, sequences + bytes(480)))
        return self

    def patch(self, block, offset, data, sealed=False):
        """Overwrites bytes in a block of the image; sealed puts checksum and CRC right again."""
        content = bytearray(self.space[block])
        content[offset:offset + len(data)] = data
        self.space[block] = seal(content) if sealed else bytes(content)

    def save(self, path):
        with open(path, 'wb') as file:
            for block, data in self.space.items():
                file.seek(block * self.block_size)
                file.write(data)
            file.truncate(self.total_blocks * self.block_size if self.cut_bytes is None else self.cut_bytes)
