package dev.gyre.opencl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What tuners found for a device, as a readable file: one JSON object with what it is good for ({@code device}, {@code
 * driver}, {@code platform}, a hash of the kernels' sources as {@code kernels}) and in {@code found} an entry for each
 * kind of kernels and compute type.
 *
 * @param key what the file is good for; one without (shipped ones have none) is good for whatever it is taken for
 */
record TuningFile(Map<String, String> key, String note, Map<Use, TunedKernels> found) {

    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    /** Of what a tuner chooses for; TuningFileTest knows if one is missing. */
    static final List<String> SOURCES = List.of(
            "operands.cl",
            "weights.cl",
            "activation.cl",
            "keys.cl",
            "exponential.cl",
            "linear_cpu.cl",
            "linear_cpu_tile.cl",
            "linear_cpu_row.cl",
            "prefetch.cl",
            "linear_int8_cpu.cl",
            "linear_int8_sums.cl",
            "linear_int8_tile.cl",
            "linear_int8_quads.cl",
            "linear_int8_quads_tile.cl",
            "linear_int8_few.cl",
            "linear_int8_end.cl",
            "quantize.cl",
            "dot4.cl",
            "gpu_rows.cl",
            "linear_gpu.cl",
            "attention_cpu.cl",
            "attention_cpu_tile.cl",
            "attention_gpu.cl");

    /** What an entry is for. */
    record Use(Kind kernels, ComputeType type) {}

    TuningFile {
        key = Map.copyOf(key);
        found = Map.copyOf(found);
    }

    /** What a file for this device, its driver and these kernels begins with. */
    static Map<String, String> key(ClDevice device) {
        KernelSource sources = KernelSource.empty();
        for (String name : SOURCES) {
            sources = sources.file(name);
        }
        return new TreeMap<>(Map.of(
                "device", device.name(),
                "driver", device.driver(),
                "platform", device.platformName() + ", " + device.platformVersion(),
                "kernels", ProgramCache.key(sources.text())));
    }

    /** Where the file of a device lies in the user's cache; another version of its driver has another file. */
    static Path place(Path cache, ClDevice device) {
        String name = device.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return cache.resolve("tuning")
                .resolve((name.length() > 60 ? name.substring(0, 60) : name) + "-"
                        + ProgramCache.key(device.identity()).substring(0, 8) + ".json");
    }

    /** As this, with another entry. */
    TuningFile with(Use use, TunedKernels kernels) {
        Map<Use, TunedKernels> more = new HashMap<>(found);
        more.put(use, kernels);
        return new TuningFile(key, note, more);
    }

    /**
     * Reads a file.
     *
     * @throws IOException in one line, if it cannot be read or is damaged
     */
    static TuningFile read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in);
        }
    }

    static TuningFile read(InputStream in) throws IOException {
        try {
            JsonNode root = JSON.readTree(in);
            if (!root.isObject() || field(root, "format").asInt() != FORMAT) {
                throw new IllegalArgumentException("it is no object with \"format\": " + FORMAT);
            }
            Map<String, String> key = new TreeMap<>();
            for (String name : List.of("device", "driver", "platform", "kernels")) {
                if (root.has(name)) {
                    key.put(name, root.get(name).asText());
                }
            }
            Map<Use, TunedKernels> found = new HashMap<>();
            for (JsonNode entry : field(root, "found")) {
                Kind kind = constant(Kind.class, entry, "kernels");
                ComputeType type = constant(ComputeType.class, entry, "type");
                found.put(new Use(kind, type), kernels(entry, kind, type));
            }
            return new TuningFile(key, root.path("note").asText(), found);
        } catch (JsonProcessingException e) {
            // What Jackson says in parentheses is about its own settings.
            String what = String.valueOf(e.getOriginalMessage()).replaceAll("(?s)\\s*[(\\[].*", "");
            throw new IOException("it is not JSON (line " + e.getLocation().getLineNr() + "): " + what, e);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static TunedKernels kernels(JsonNode entry, Kind kind, ComputeType type) {
        Map<ShapeClass, LinearSettings> linear = new HashMap<>();
        for (JsonNode one : field(entry, "linear")) {
            ShapeClass shape = new ShapeClass(
                    constant(ShapeClass.Rows.class, one, "rows"),
                    constant(ShapeClass.Inner.class, one, "inner"),
                    constant(ShapeClass.Columns.class, one, "columns"));
            LinearSettings settings = new LinearSettings(
                    number(one, "tile"),
                    number(one, "block"),
                    number(one, "depth"),
                    number(one, "prefetch"),
                    number(one, "ahead"),
                    number(one, "few"));
            linear.put(shape, settings.requireFor(kind == Kind.CPU));
            if (type == ComputeType.INT8) {
                settings.requireForInt8();
            }
        }
        return new TunedKernels(
                TunedKernels.requirePanel(number(entry, "panel"), kind == Kind.CPU), number(entry, "width"), linear);
    }

    private static JsonNode field(JsonNode object, String name) {
        JsonNode value = object.get(name);
        if (value == null) {
            throw new IllegalArgumentException("\"" + name + "\" is missing");
        }
        return value;
    }

    private static int number(JsonNode object, String name) {
        JsonNode value = field(object, name);
        if (!value.isInt()) {
            throw new IllegalArgumentException(name + " is " + value + ", which is no number");
        }
        return value.intValue();
    }

    private static <E extends Enum<E>> E constant(Class<E> type, JsonNode object, String name) {
        String text = field(object, name).asText();
        try {
            return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    name + " is \"" + text + "\"; it must be one of "
                            + List.of(type.getEnumConstants()).toString().toLowerCase(Locale.ROOT),
                    e);
        }
    }

    /** Writes the file whole or not at all. */
    void write(Path file) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("format", FORMAT);
        new TreeMap<>(key).forEach(root::put);
        root.put("note", note);
        ArrayNode entries = root.putArray("found");
        found.keySet().stream()
                .sorted(Comparator.comparing(Use::kernels).thenComparing(Use::type))
                .forEach(use -> put(use, found.get(use), entries.addObject()));
        Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
        Path part = Files.createTempFile(folder, "tuning", ".part");
        try {
            Files.write(part, JSON.writeValueAsBytes(root));
            ProgramCache.move(part, file);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void put(Use use, TunedKernels kernels, ObjectNode entry) {
        entry.put("kernels", lower(use.kernels()));
        entry.put("type", lower(use.type()));
        entry.put("panel", kernels.panel());
        entry.put("width", kernels.width());
        ArrayNode linear = entry.putArray("linear");
        kernels.linear().keySet().stream()
                .sorted(Comparator.comparing(ShapeClass::rows)
                        .thenComparing(ShapeClass::inner)
                        .thenComparing(ShapeClass::columns))
                .forEach(shape -> {
                    ObjectNode one = linear.addObject();
                    one.put("rows", lower(shape.rows()));
                    one.put("inner", lower(shape.inner()));
                    one.put("columns", lower(shape.columns()));
                    kernels.linear().get(shape).byName().forEach(one::put);
                });
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
