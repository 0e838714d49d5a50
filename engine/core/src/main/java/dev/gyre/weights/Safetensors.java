package dev.gyre.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The safetensors format: a u64 header length, a JSON header of names, types, shapes and byte ranges, then the bytes.
 * One file, or shards that {@code model.safetensors.index.json} lists. Nothing in a header is believed before it is
 * checked against the length of the file.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class Safetensors {

    /** The limit of the reference implementation. */
    private static final long MAX_HEADER = 100_000_000;

    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Safetensors() {}

    /** Whether a folder has weights in this format. */
    public static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(SINGLE)) || Files.exists(folder.resolve(INDEX));
    }

    /**
     * Opens a file, the shards of an {@code .index.json} file, or what a folder has of the two.
     *
     * @throws ModelFormatException if anything in the file or the shards is not as it must be
     */
    public static Checkpoint open(Path path) {
        if (Files.isDirectory(path)) {
            Path single = path.resolve(SINGLE);
            return Files.exists(single) ? openFile(single) : openShards(path.resolve(INDEX));
        }
        return path.toString().endsWith(".json") ? openShards(path) : openFile(path);
    }

    private static Checkpoint openFile(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            return new StoredCheckpoint(path.toString(), tensors(file), List.of(file));
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static Checkpoint openShards(Path index) {
        ObjectNode root = Json.readObject(index);
        if (!(root.get("weight_map") instanceof ObjectNode map)) {
            throw new ModelFormatException(index + " has no object weight_map (tensor name to file name)");
        }
        Map<String, String> shardOf = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String shard = entry.getValue().asText();
            // A name with a path in it could read any file of the machine.
            if (!entry.getValue().isTextual() || !FileNames.isPlain(shard)) {
                throw new ModelFormatException(index + ": tensor " + entry.getKey() + " is in " + entry.getValue()
                        + ", which is not the name of a file beside the index");
            }
            shardOf.put(entry.getKey(), shard);
        }
        requireShards(index, new TreeSet<>(shardOf.values()));

        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        Map<String, String> foundIn = new LinkedHashMap<>();
        List<MappedFile> files = new ArrayList<>();
        try {
            for (String shard : new TreeSet<>(shardOf.values())) {
                MappedFile file = MappedFile.open(index.resolveSibling(shard));
                files.add(file);
                tensors(file).forEach((name, tensor) -> {
                    String earlier = foundIn.put(name, shard);
                    if (earlier != null) {
                        throw new ModelFormatException(index + ": tensor " + name + " is in both " + earlier + " and "
                                + shard + "; one of the files is from another model");
                    }
                    tensors.put(name, tensor);
                });
            }
            shardOf.forEach((name, shard) -> {
                if (!shard.equals(foundIn.get(name))) {
                    throw new ModelFormatException(index + " says that tensor " + name + " is in " + shard + ", but "
                            + (foundIn.containsKey(name) ? "it is in " + foundIn.get(name) : "no shard has it")
                            + "; download the shards again");
                }
            });
            return new StoredCheckpoint(index.toString(), tensors, files);
        } catch (RuntimeException e) {
            files.forEach(MappedFile::close);
            throw e;
        }
    }

    private static void requireShards(Path index, Set<String> shards) {
        List<String> missing = shards.stream()
                .filter(s -> !Files.isRegularFile(index.resolveSibling(s)))
                .toList();
        if (!missing.isEmpty()) {
            throw new ModelFormatException(index + " names " + shards.size() + " shards, " + missing.size()
                    + " of them missing: " + Names.some(missing) + "; download them into the same folder");
        }
    }

    /** The tensors of one file, by name in the order of the header. */
    private static Map<String, StoredTensor> tensors(MappedFile file) {
        long size = file.size();
        if (size < Long.BYTES) {
            throw new ModelFormatException(file.path() + " has " + size
                    + " bytes; a safetensors file begins with 8 bytes of header length. Download it again");
        }
        long header = file.bytes().get(LENGTH, 0);
        if (header < 2 || header > MAX_HEADER) {
            throw new ModelFormatException(file.path() + ": header length " + Long.toUnsignedString(header)
                    + " is not between 2 and " + MAX_HEADER + "; this is not a safetensors file");
        }
        if (header > size - Long.BYTES) {
            throw new ModelFormatException(file.path() + ": header length " + header + " does not fit into a file of "
                    + size + " bytes; the file is cut off, download it again");
        }
        byte[] json = file.bytes().asSlice(Long.BYTES, header).toArray(ValueLayout.JAVA_BYTE);
        ObjectNode entries = Json.parseObject(json, file.path() + " (header)");
        MemorySegment data = file.bytes().asSlice(Long.BYTES + header);

        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        List<Range> ranges = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : entries.properties()) {
            if (!entry.getKey().equals("__metadata__")) {
                tensors.put(entry.getKey(), tensor(file, entry.getKey(), entry.getValue(), data, ranges));
            }
        }
        requireApart(file, ranges, data.byteSize());
        return tensors;
    }

    private record Range(String name, long begin, long end) {}

    private static StoredTensor tensor(
            MappedFile file, String name, JsonNode entry, MemorySegment data, List<Range> ranges) {
        String where = file.path() + ": tensor " + name;
        String dtype = entry.path("dtype").asText("");
        StoredType type = type(where, dtype);
        long[] axes = longs(where, "shape", entry.get("shape"));
        if (axes.length > Shapes.MAX_RANK) {
            throw new ModelFormatException(
                    where + " has " + axes.length + " axes; at most " + Shapes.MAX_RANK + " are read");
        }
        int[] shape = new int[axes.length];
        for (int i = 0; i < axes.length; i++) {
            if (axes[i] > Integer.MAX_VALUE) {
                throw new ModelFormatException(where + " has shape " + Shapes.text(axes) + "; an axis is at most "
                        + Integer.MAX_VALUE + " long");
            }
            shape[i] = (int) axes[i];
        }
        long[] offsets = longs(where, "data_offsets", entry.get("data_offsets"));
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > data.byteSize()) {
            throw new ModelFormatException(where + ": data_offsets " + Shapes.text(offsets)
                    + " is not a range of the " + data.byteSize()
                    + " bytes of data in the file; it is cut off or damaged, download it again");
        }
        long elements = Shapes.elements(axes);
        long bytes = offsets[1] - offsets[0];
        if (elements < 0 || elements > bytes / type.bytes() || elements * type.bytes() != bytes) {
            throw new ModelFormatException(where + ": shape " + Shapes.text(axes) + " of " + dtype + " needs "
                    + (elements < 0 ? "more than 2^63" : elements + "·" + type.bytes()) + " bytes, data_offsets gives "
                    + bytes);
        }
        ranges.add(new Range(name, offsets[0], offsets[1]));
        return new StoredTensor(shape, type, dtype, data.asSlice(offsets[0], bytes), null);
    }

    private static StoredType type(String where, String dtype) {
        for (StoredType type : StoredType.values()) {
            if (type.name().equals(dtype)) {
                return type;
            }
        }
        throw new ModelFormatException(where + " has dtype \"" + dtype + "\"; known are "
                + String.join(
                        ", ",
                        List.of(StoredType.values()).stream().map(Enum::name).toList()));
    }

    private static long[] longs(String where, String field, @Nullable JsonNode node) {
        if (node == null || !node.isArray()) {
            throw new ModelFormatException(where + " has no array " + field);
        }
        long[] values = new long[node.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = node.get(i);
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
                throw new ModelFormatException(
                        where + ": " + field + "[" + i + "] is " + value + ", not a whole number of 0 or more");
            }
            values[i] = value.asLong();
        }
        return values;
    }

    private static void requireApart(MappedFile file, List<Range> ranges, long size) {
        ranges.sort(Comparator.comparingLong(Range::begin).thenComparingLong(Range::end));
        long end = 0;
        String before = "";
        for (Range range : ranges) {
            if (range.begin < end) {
                throw new ModelFormatException(file.path() + ": tensors " + before + " and " + range.name
                        + " overlap at byte " + range.begin + " of the data");
            }
            if (range.begin > end) {
                throw new ModelFormatException(file.path() + ": bytes " + end + " to " + range.begin
                        + " of the data belong to no tensor; the header is damaged");
            }
            end = range.end;
            before = range.name;
        }
        if (end != size) {
            throw new ModelFormatException(file.path() + " has " + size + " bytes of data, its tensors take " + end
                    + "; the header is damaged");
        }
    }
}
