# SPDX-License-Identifier: GPL-3.0-or-later
"""UDF volumes that the reader must refuse: damaged ones, and ones that were cut off."""
import struct

import udf_shapes
import udf_volume as udf
from udf_shapes import (UNUSED, continue_sequence, fill, get_absolute, metadata_volume, shape, sparable,
                        sparing_place, volume)
from udf_volume import cs0, long_ad, short_ad, type_2_map, pattern


@shape
def bad_virtual_partition():
    """A write-once disc that is not full yet: its image is shorter than the partition, and that is all right."""
    new = fill(volume())
    new.maps[0] = type_2_map('*UDF Virtual Partition', b'')
    new.partition_blocks = 1_000_000
    return new.finish()


@shape
def bad_unknown_partition():
    new = fill(volume())
    new.maps[0] = type_2_map('*Somebody Else', b'')
    return new.finish()


@shape
def bad_no_anchor():
    return fill(volume(anchors=())).finish()


@shape
def bad_both_sequences():
    new = fill(volume()).finish()
    for block in (new.main_sequence, new.reserve_sequence):
        new.patch(block, 100, b'\xff')
    return new


@shape
def bad_sequence_circle():
    new = fill(volume()).finish()
    continue_sequence(new, new.main_sequence + 2)
    new.space[new.main_sequence + 1] = new.space[new.main_sequence]
    new.patch(new.main_sequence + 1, 12, struct.pack('<I', new.main_sequence + 1), sealed=True)
    return new


@shape
def bad_no_partition_descriptor():
    new = fill(volume()).finish()
    for block in (new.main_sequence, new.reserve_sequence):
        new.space[block + 1] = bytes(new.block_size)
    return new


@shape
def bad_block_size():
    new = fill(volume()).finish()
    for block in (new.main_sequence, new.reserve_sequence):
        new.patch(block, 212, struct.pack('<I', 1 << 31), sealed=True)
    return new


@shape
def bad_map_size():
    new = fill(volume()).finish()
    for block in (new.main_sequence, new.reserve_sequence):
        new.patch(block, 441, b'\xff', sealed=True)
    return new


@shape
def bad_maps_size():
    new = fill(volume()).finish()
    for block in (new.main_sequence, new.reserve_sequence):
        new.patch(block, 264, b'\xff' * 4, sealed=True)
    return new


def damaged_file(offset, data, sealed=False, **options):
    """A volume whose file has something changed in its file entry."""
    new = volume()
    icb = new.root.file('victim.bin', pattern(5000), **options)
    new.finish()
    new.patch(get_absolute(new, icb), offset, data, sealed)
    return new


@shape
def bad_checksum():
    return damaged_file(4, b'\xaa')


@shape
def bad_crc():
    return damaged_file(40, b'\xaa')


@shape
def bad_crc_length():
    return damaged_file(10, b'\xff\xff', sealed=True)


@shape
def bad_location():
    return damaged_file(12, struct.pack('<I', 99), sealed=True)


@shape
def bad_strategy_4096():
    return damaged_file(20, struct.pack('<H', 4096), sealed=True)


@shape
def bad_extended_descriptors():
    return damaged_file(34, struct.pack('<H', udf.EXTENDED), sealed=True)


@shape
def bad_length_beyond_extents():
    return damaged_file(56, struct.pack('<Q', 1 << 62), sealed=True)


@shape
def bad_attributes_size():
    return damaged_file(168, struct.pack('<I', 0x7ffffff0), sealed=True)


@shape
def bad_embedded_size():
    new = volume()
    icb = new.file(b'short', kind=udf.EMBEDDED)
    new.root.add('victim.bin', icb)
    new.finish()
    new.patch(get_absolute(new, icb), 56, struct.pack('<Q', 6), sealed=True)
    return new


@shape
def bad_device_node():
    return damaged_file(27, b'\x06', sealed=True)


@shape
def bad_no_file_entry():
    new = volume()
    new.root.add('victim.bin', new.file_set)
    return new.finish()


@shape
def bad_partition_reference():
    new = volume()
    new.root.add('victim.bin', new.raw_file(10, long_ad(10, 0, 3), udf.LONG))
    return new.finish()


@shape
def bad_extent_outside_partition():
    new = volume()
    new.root.add('victim.bin', new.raw_file(10, short_ad(10, 50)))
    new.total_blocks = 300 if udf_shapes.TINY else 600
    return new.finish()


@shape
def bad_root_is_a_file():
    new = volume()
    new.finish()
    new.patch(get_absolute(new, new.root.icb), 27, bytes([udf.BYTES]), sealed=True)
    return new


@shape
def bad_folder_circle():
    new = volume()
    new.root.folder('sub').folder('deep').add('up', new.root.icb, udf.DIRECTORY)
    return new.finish()


@shape
def bad_chain_circle():
    new = volume()
    places = [new.allocate() for _ in range(5)]
    data = new.store(b'x' * new.block_size)
    for place, following in zip(places, places[1:] + places[2:3]):
        new.allocation_extent(place, short_ad(new.block_size, data) + short_ad(new.block_size, following, udf.NEXT))
    new.root.add('victim.bin', new.raw_file(1 << 60, short_ad(new.block_size, places[0], udf.NEXT)))
    return new.finish()


@shape
def bad_chain_size():
    new = volume()
    place = new.allocate()
    new.allocation_extent(place, b'', size=1 << 30)
    new.root.add('victim.bin', new.raw_file(10, short_ad(new.block_size, place, udf.NEXT)))
    return new.finish()


@shape
def bad_chain_block():
    new = volume()
    new.root.add('victim.bin', new.raw_file(10, short_ad(new.block_size, new.root.icb, udf.NEXT)))
    return new.finish()


@shape
def bad_folder_size():
    new = volume()
    holes = b''.join(short_ad((1 << 30) - new.block_size, 0, udf.NOT_ALLOCATED) for _ in range(8))
    new.root.add('victim', new.raw_file(8 << 29, holes, type=udf.FOLDER), udf.DIRECTORY)
    return new.finish()


@shape
def bad_folder_of_zeros():
    new = volume()
    new.root.add('victim', new.raw_file(4000, short_ad(4000, 0, udf.NOT_ALLOCATED), type=udf.FOLDER), udf.DIRECTORY)
    return new.finish()


@shape
def bad_name_crc():
    new = volume()
    new.root.file('victim.bin')
    name = bytearray(new.root.names[-1])
    name[-8] ^= 1
    new.root.names[-1] = bytes(name)
    return new.finish()


@shape
def bad_name_size():
    new = volume()
    new.root.file('victim.bin')
    name = bytearray(new.root.names[-1])
    name[36:38] = b'\xff\xff'
    new.root.names[-1] = bytes(name)
    return new.finish()


def named(*names):
    new = volume()
    for name in names:
        new.root.add_raw(name, new.file(b''))
    return new.finish()


@shape
def bad_name_twice():
    return named(cs0('same'), cs0('same', wide=True))


@shape
def bad_name_parent():
    return named(cs0('..'))


@shape
def bad_name_empty():
    return named(b'')


@shape
def bad_name_compression():
    return named(b'\x09name')


@shape
def bad_name_odd():
    return named(b'\x10\0n\0')


@shape
def bad_path_length():
    new = volume()
    folder = new.root
    for _ in range(20):
        folder = folder.folder('n' * 250)
    return new.finish()


@shape
def bad_link():
    new = volume()
    new.root.file('victim', b'\x05\xff\0\0x', type=udf.SYMLINK)
    return new.finish()


@shape
def bad_link_empty():
    new = volume()
    new.root.file('victim', b'', type=udf.SYMLINK)
    return new.finish()


@shape
def bad_sparing_table():
    new = sparable(fill(volume()), [UNUSED]).finish()
    new.patch(sparing_place(new), 20, b'\xff')
    return new


@shape
def bad_sparing_overlap():
    return sparable(fill(volume()), [[(4, 600), (6, 604)]]).finish()


@shape
def bad_packet_size():
    new = sparable(fill(volume()), [UNUSED]).finish()
    for block in (new.main_sequence, new.reserve_sequence):
        new.patch(block, 440 + 40, b'\0\0', sealed=True)
    return new


@shape
def bad_metadata_twice():
    """Main and mirror are damaged."""
    new = metadata_volume().finish()
    for icb in new.metadata_icbs:
        new.patch(get_absolute(new, icb), 100, b'\xff')
    return new


@shape
def bad_metadata_hole():
    new = volume(revision=0x0250, has_metadata=True)
    new.root.file('victim.bin', b'x')
    new.metadata_holes.add(2)
    return new.finish()


@shape
def bad_metadata_without_partition():
    new = metadata_volume()
    new.finish()
    new.maps = [new.maps[1]]
    for block in (new.main_sequence, new.reserve_sequence):
        new.write_absolute(block, new.logical_volume_descriptor(block))
    return new


@shape
def bad_too_much():
    """20 million extents in 1 MiB: the same file under many names."""
    new = volume()
    per_extent = (new.block_size - 24) // 8 - 1
    data = [new.store(b'x'), 0]
    new.allocate()
    data[1] = new.store(b'y')
    ads = b''.join(short_ad(new.block_size, data[i % 2]) for i in range(per_extent))
    places = [new.allocate() for _ in range(5 if udf_shapes.TINY else 300)]
    for place, following in zip(places, places[1:] + [None]):
        new.allocation_extent(place, ads + (short_ad(new.block_size, following, udf.NEXT) if following else b''))
    size = len(places) * per_extent * new.block_size
    icb = new.raw_file(size, short_ad(new.block_size, places[0], udf.NEXT))
    for number in range(10 if udf_shapes.TINY else 270):
        new.root.add(f'name-{number}', icb)
    return new.finish()


# Volumes that are cut off


@shape
def cut_by_one_byte():
    new = fill(volume())
    new.allocate(40)
    new.finish()
    new.cut_bytes = get_absolute(new, new.partition_blocks) * new.block_size - 1
    return new


@shape
def cut_extent():
    """The volume claims to fit, a file in it lies behind its end."""
    new = volume()
    new.root.add('victim.bin', new.raw_file(10, short_ad(10, 1_000_000)))
    return new.finish()


@shape
def cut_sequence():
    new = fill(volume())
    new.main_sequence = new.reserve_sequence = 1_000_000
    new.write_sequence = lambda block: None
    return new.finish()


@shape
def cut_before_anchor():
    new = fill(volume()).finish()
    new.cut_bytes = 40000
    return new
