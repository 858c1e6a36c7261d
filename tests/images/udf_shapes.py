# SPDX-License-Identifier: GPL-3.0-or-later
"""UDF volumes of every shape that the reader must read; each function returns one."""
import struct

import udf_volume as udf
from udf_volume import Volume, cs0, long_ad, pattern, short_ad, type_2_map

SHAPES = []
TINY = False


def shape(function):
    SHAPES.append(function)
    return function


def volume(**options):
    if TINY:
        options.update(tiny=True, block_size=512)
        options['anchors'] = (-1,)
    return Volume(**options)


def fill(new):
    """The files that every good shape has besides its own."""
    new.root.file('plain.bin', pattern(5000))
    sub = new.root.folder('sub')
    sub.folder('empty')
    sub.file('deep.bin', pattern(100, 7))
    return new


def get_absolute(new, block):
    """The block of the image of a block of the partition."""
    return new.partition_start + block


@shape
def plain():
    return fill(volume()).finish()


@shape
def revision_2_01():
    return fill(volume(revision=0x0201)).finish()


@shape
def blocks_512():
    return fill(volume(block_size=512)).finish()


@shape
def blocks_1024():
    return fill(volume(block_size=1024)).finish()


@shape
def blocks_4096():
    return fill(volume(block_size=4096)).finish()


def with_anchors(*anchors):
    new = fill(volume(anchors=anchors))
    new.total_blocks = 60 if TINY else 900
    return new.finish()


@shape
def anchor_at_last_block():
    return with_anchors(-1)


@shape
def anchor_256_before_last_block():
    return with_anchors(-257)


@shape
def anchor_256_before_end():
    return with_anchors(-256)


@shape
def anchor_at_512():
    return with_anchors(512)


@shape
def first_anchor_damaged():
    new = with_anchors(256, -1)
    if not TINY:
        new.patch(256, 20, b'\xff')
    return new


@shape
def reserve_sequence_only():
    new = fill(volume()).finish()
    new.patch(new.main_sequence + 1, 200, b'\xff')
    return new


@shape
def newer_descriptors_count():
    """Of two descriptors the one with the higher sequence number counts, wherever it lies."""
    new = fill(volume(label='NEW'))
    new.partition_blocks = 200
    new.extra_descriptors = [
        lambda at: new.logical_volume_descriptor(at, sequence=0, label='OLD'),
        lambda at: new.partition_descriptor(at, 0, 5, 3, sequence=0)]
    new.total_blocks = 300 if TINY else 600
    return new.finish()


def continue_sequence(new, target):
    """Replaces the third descriptor of the main sequence by a pointer to target, and spoils the reserve one."""
    pointer = new.main_sequence + 2
    body = struct.pack('<I', 1) + udf.extent_ad(4 * new.block_size, target) + bytes(484)
    new.write_absolute(pointer, udf.descriptor(udf.TAG_POINTER, pointer, body))
    new.patch(new.reserve_sequence, 200, b'\xff')


@shape
def sequence_continued():
    new = fill(volume()).finish()
    target = new.main_sequence + 8
    body = new.partition_descriptor(target, 0, new.partition_start, new.partition_blocks)
    new.write_absolute(target, body)
    new.write_absolute(target + 1, new.primary_volume_descriptor(target + 1))
    continue_sequence(new, target)
    pointer = new.space.pop(new.main_sequence + 2)
    new.space[new.main_sequence + 1] = udf.seal(
        pointer[:12] + struct.pack('<I', new.main_sequence + 1) + pointer[16:])
    return new


@shape
def extended_entries():
    new = volume(revision=0x0200)
    new.root.file('extended.bin', pattern(3000), extended=True, time=udf.timestamp(2001, 9, 9, 1, 46, 40))
    new.root.folder('extended-folder', extended=True).file('in.bin', pattern(10), extended=True)
    return new.finish()


@shape
def embedded():
    new = volume()
    new.root.file('embedded.bin', pattern(200), kind=udf.EMBEDDED)
    new.root.file('after-attributes.bin', pattern(33), kind=udf.EMBEDDED, attributes=bytes(48))
    new.root.folder('embedded-folder', kind=udf.EMBEDDED).file('x', b'x')
    return new.finish()


@shape
def long_descriptors():
    new = volume()
    new.root.file('long.bin', pattern(9000), kind=udf.LONG, pieces=4)
    new.root.file('short.bin', pattern(9000), kind=udf.SHORT, pieces=3)
    return new.finish()


@shape
def folder_in_pieces():
    """Names that begin in one extent and end in the next."""
    new = volume()
    folder = new.root.folder('pieces', pieces=3)
    for number in range(200):
        folder.file(f'name-{number:03}')
    return new.finish()


def chained(new, data, kind, per_extent):
    """A file of single blocks whose allocation descriptors go on from one allocation extent to the next."""
    make = long_ad if kind == udf.LONG else short_ad
    pieces = []
    for at in range(0, len(data), new.block_size):
        piece = data[at:at + new.block_size]
        pieces.append(make(len(piece), new.store(piece)))
        new.allocate()
    groups = [pieces[at:at + per_extent] for at in range(0, len(pieces), per_extent)]
    places = [new.allocate() for _ in groups[1:]]
    tails = [make(new.block_size, place, kind=udf.NEXT) for place in places] + [b'']
    for place, group, tail in zip(places, groups[1:], tails[1:]):
        new.allocation_extent(place, b''.join(group) + tail)
    return new.raw_file(len(data), b''.join(groups[0]) + tails[0], kind)


@shape
def chains():
    new = volume()
    new.root.add('short-chain.bin', chained(new, pattern(40000), udf.SHORT, 3))
    new.root.add('long-chain.bin', chained(new, pattern(40000, 5), udf.LONG, 4))
    return new.finish()


@shape
def holes():
    new = volume()
    size = new.block_size
    first, last = new.store(pattern(size)), new.store(pattern(77, 3))
    stale = new.store(b'\xee' * size)
    ads = short_ad(size, first) + short_ad(3 * size, 0, udf.NOT_ALLOCATED) + short_ad(size, stale, udf.NOT_RECORDED) \
        + short_ad(77, last)
    new.root.add('holes.bin', new.raw_file(5 * size + 77, ads))
    new.root.add('only-hole.bin', new.raw_file(1000, short_ad(1000, 0, udf.NOT_ALLOCATED)))
    return new.finish()


@shape
def five_gigabytes():
    new = volume()
    largest = (1 << 30) - new.block_size
    ads = b''.join(short_ad(largest, 0, udf.NOT_ALLOCATED) for _ in range(5))
    ads += short_ad(1000, new.store(pattern(1000)))
    new.root.add('large.bin', new.raw_file(5 * largest + 1000, ads))
    return new.finish()


@shape
def tail_beyond_length():
    """Extents may hold more than the file: what was set aside for it to grow."""
    new = volume()
    block = new.store(pattern(new.block_size))
    ads = short_ad(new.block_size, block) + short_ad(8 * new.block_size, new.allocate(8), udf.NOT_RECORDED)
    new.root.add('tail.bin', new.raw_file(300, ads))
    return new.finish()


@shape
def zero_extent_ends():
    new = volume()
    block = new.store(pattern(100))
    new.root.add('ends.bin', new.raw_file(100, short_ad(100, block) + short_ad(0, 0) + b'\xff' * 8))
    return new.finish()


@shape
def deleted_names():
    new = volume()
    new.root.file('before', b'1')
    new.root.add_raw(b'\xfe', 0, udf.DELETED)
    new.root.add('gone', 0xffffff, udf.DELETED)
    new.root.add_raw(cs0('with-use'), new.file(b'2'), 0, implementation=bytes(32))
    return new.finish()


@shape
def hard_links():
    new = volume()
    icb = new.root.file('one.bin', pattern(3000))
    new.root.folder('other').add('two.bin', icb)
    return new.finish()


def component(kind, text=''):
    name = cs0(text) if text else b''
    return struct.pack('<BBH', kind, len(name), 0) + name


@shape
def symbolic_links():
    new = volume()
    links = {
        'relative': component(3) + component(5, 'sub') + component(5, 'däta'),
        'absolute': component(2) + component(5, 'etc'),
        'agreed-root': component(1) + component(5, 'etc'),
        'root': component(2),
        'here': component(4) + component(5, 'x'),
    }
    for name, data in links.items():
        new.root.file(name, data, type=udf.SYMLINK)
    return new.finish()


@shape
def real_time_file():
    new = volume()
    new.root.file('video.bin', pattern(4000), type=udf.REAL_TIME)
    return new.finish()


@shape
def names():
    new = volume()
    for name in ('Grüße', '漢字', 'emoji😀', 'half\ud800', '\udc00half', 'NUL\0NUL', 'AC/DC', 'é' * 100):
        new.root.file(name)
    new.root.add_raw(cs0('wide', wide=True), new.file(b''))
    new.root.add_raw(b'\x08...', new.file(b''))
    return new.finish()


@shape
def times():
    new = volume()
    stamps = {
        'utc': udf.timestamp(2000, 1, 1, 0, 0, 0, kind=0),
        'east': udf.timestamp(2000, 1, 1, 2, 0, 0, zone=120),
        'west': udf.timestamp(1999, 12, 31, 19, 0, 0, zone=-300),
        'unknown-zone': udf.timestamp(2000, 1, 1, 0, 0, 0, zone=-2047),
        'none': bytes(12),
        'nonsense': udf.timestamp(2000, 13, 41, 25, 61, 61),
    }
    for name, stamp in stamps.items():
        new.root.file(name, time=stamp)
    new.root.folder('folder', time=stamps['utc'])
    return new.finish()


@shape
def two_partitions():
    """A file whose long descriptors lie in both partitions of the volume."""
    new = volume()
    new.maps.append(udf.physical_map(7))
    other = new.partition_start + (40 if TINY else 300)
    new.partitions = [(7, other, 10)]
    data = pattern(3 * new.block_size)
    size = new.block_size
    new.write_absolute(other + 4, data[size:2 * size])
    ads = long_ad(size, new.store(data[:size]), 0) + long_ad(size, 4, 1) + long_ad(size, new.store(data[2 * size:]), 0)
    new.root.add('both.bin', new.raw_file(len(data), ads, udf.LONG))
    return new.finish()


PACKET = 4


def sparing_table(location, entries, sequence=1):
    body = udf.regid('*UDF Sparing Table') + struct.pack('<HHI', len(entries), 0, sequence)
    body += b''.join(struct.pack('<II', *entry) for entry in entries)
    return udf.descriptor(0, location, body)


def sparing_place(new):
    """Where the sparing tables lie, behind the partition; the spare packets follow."""
    return new.partition_start + (100 if TINY else 350)


def sparable(new, tables):
    """Turns the partition into a sparable one; tables are lists of (original, mapped), each in its own blocks."""
    places = []
    for entries in tables:
        place = sparing_place(new) + 4 * len(places)
        new.write_absolute(place, sparing_table(place, entries))
        places.append(place)
    new.total_blocks = sparing_place(new) + 50
    tail = struct.pack('<HBBI', PACKET, len(places), 0, new.block_size) \
        + b''.join(struct.pack('<I', place) for place in places)
    new.maps[0] = type_2_map('*UDF Sparable Partition', tail)
    return new


UNUSED = [(0xffffffff, 600), (0xfffffff0, 604)]


def spared_volume(damage_first_table=False):
    new = fill(volume())
    new.allocate(-new.next_block % PACKET)
    data = pattern(3 * PACKET * new.block_size, 9)
    block = new.store(data)
    new.root.add('spared.bin', new.raw_file(len(data), short_ad(len(data), block)))
    spare = sparing_place(new) + 30
    packet = PACKET * new.block_size
    new.write_absolute(spare, data[packet:2 * packet])
    new.write(block + PACKET, b'\xee' * packet)
    sparable(new, 2 * [[(block + PACKET, spare)] + UNUSED])
    new.finish()
    if damage_first_table:
        new.patch(sparing_place(new), 60, b'\xaa')
    return new


@shape
def sparable_with_moved_packet():
    return spared_volume()


@shape
def sparable_first_table_damaged():
    return spared_volume(damage_first_table=True)


@shape
def sparable_nothing_moved():
    return sparable(fill(volume()), 2 * [UNUSED]).finish()


def metadata_volume(**options):
    new = volume(revision=0x0250, has_metadata=True, **options)
    fill(new)
    folder = new.root.folder('many')
    for number in range(60):
        folder.file(f'file-{number}', pattern(number))
    return new


@shape
def metadata_partition():
    return metadata_volume().finish()


@shape
def metadata_map_first():
    """The map of the metadata partition comes before that of the partition it lies in."""
    return metadata_volume(metadata_first=True).finish()


@shape
def metadata_main_entry_damaged():
    new = metadata_volume().finish()
    new.patch(get_absolute(new, new.metadata_icbs[0]), 100, b'\xff')
    return new


@shape
def metadata_main_contents_damaged():
    new = metadata_volume().finish()
    for distance in (9, 10, 11):
        new.patch(get_absolute(new, new.metadata_icbs[0] + distance), 60, b'\xff\xfe')
    return new
