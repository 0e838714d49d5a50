package dev.gyre.opencl;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tunables of kernels with what they are for this device; the comments of the kernel files have their ranges. What a
 * tuner found goes before what is built in, and {@code DeviceOptions.tuning} before both, by name, as {@code
 * opencl.panel}; a setting of products that is given so holds for every shape.
 *
 * @param base settings of products whose class has none of its own
 * @param linear settings of products by class
 * @param width lanes of attention on CPUs at most
 * @param units what multiplies
 * @param failAt the launch that is to fail, for tests of failures; 0 for none
 * @param poisoned whether caches of keys and values begin as NaN, for tests that nothing reads what was not written
 * @param binaries whether compiled programs are kept in the program cache
 * @param fusing which launches are sent as one, see steps.cl
 * @param rough which output layers are computed roughly first
 */
record Tuning(
        Kind kind,
        Packing packing,
        LinearSettings base,
        Map<ShapeClass, LinearSettings> linear,
        int width,
        Units units,
        int failAt,
        boolean poisoned,
        boolean binaries,
        Fusing fusing,
        Rough rough) {

    Tuning {
        linear = Map.copyOf(linear);
    }

    private static final List<String> OF_PRODUCTS = List.of("tile", "block", "depth", "prefetch", "ahead", "few");

    private static final Set<String> OTHERS = Set.of(
            Int8Choice.SETTING,
            "opencl.panel",
            "opencl.width",
            "opencl.tune",
            "opencl.fused",
            "opencl.rough",
            "opencl.binaries",
            "opencl.poisoned",
            "opencl.fail-at");

    static Tuning of(ClDevice device, DeviceOptions options, Optional<TunedKernels> tuned, Units units) {
        try {
            return checked(device, options, tuned, units);
        } catch (IllegalArgumentException e) {
            throw new DeviceException("setting opencl." + e.getMessage(), e);
        }
    }

    private static void requireKnown(Map<String, String> given) {
        Set<String> known = new TreeSet<>(OTHERS);
        OF_PRODUCTS.forEach(name -> known.add("opencl." + name));
        FloatChoice.types().forEach(type -> known.add(FloatChoice.setting(type)));
        for (String name : given.keySet()) {
            if (name.startsWith("opencl.") && !known.contains(name)) {
                throw new DeviceException("there is no setting " + name + "; there are " + String.join(", ", known));
            }
        }
    }

    private static Tuning checked(ClDevice device, DeviceOptions options, Optional<TunedKernels> tuned, Units units) {
        Kind kind = options.kernels().orElse(device.kind());
        boolean cpu = kind == Kind.CPU;
        Map<String, String> given = options.tuning();
        requireKnown(given);
        Quirks.Tile best = Quirks.cpuTile(device, options.computeType());
        boolean int8 = options.computeType() == ComputeType.INT8;
        boolean tiles = units.floats().tiles();
        int panel = int8 || tiles
                ? Packing.INT8_PANEL
                : tuned.map(TunedKernels::panel).orElse(cpu ? best.columns() : Kernels.GPU_PANEL);
        int tile = cpu ? best.rows() : Kernels.GPU_TILE_ROWS;
        int block = int8 ? Kernels.INT8_PANELS : tile;
        LinearSettings base = new LinearSettings(tile, block, 4096, Quirks.prefetch(device), 64, Kernels.FEW_ROWS)
                .with(settings(given));
        if (!int8 && given.containsKey("opencl.tile") && !given.containsKey("opencl.block")) {
            base = base.with(Map.of("block", base.tile()));
        }
        Map<ShapeClass, LinearSettings> linear = new HashMap<>();
        tuned.ifPresent(t -> t.linear().forEach((shape, found) -> linear.put(shape, found.with(settings(given)))));
        base.requireFor(cpu);
        linear.values().forEach(s -> s.requireFor(cpu));
        if (int8) {
            base.requireForInt8();
            linear.values().forEach(LinearSettings::requireForInt8);
        }
        return new Tuning(
                kind,
                new Packing(
                        int8 || tiles ? panel : TunedKernels.requirePanel(number(given, "opencl.panel", panel), cpu),
                        options.computeType(),
                        units.int8().neighbours,
                        int8 && units.int8().biased(),
                        tiles),
                base,
                linear,
                TunedKernels.requireWidth(number(
                        given, "opencl.width", tuned.map(TunedKernels::width).orElse(Quirks.attentionWidth(device)))),
                units,
                number(given, "opencl.fail-at", 0),
                switched(given, "opencl.poisoned", false),
                switched(given, "opencl.binaries", !Quirks.keepsPrograms(device)),
                fusing(given, cpu, device),
                rough(given, cpu && !int8 && !tiles, device));
    }

    /** @param can whether products are of float32, on a CPU */
    private static Rough rough(Map<String, String> given, boolean can, ClDevice device) {
        String name = "opencl.rough";
        int rows = can ? Quirks.roughRows(device) : 0;
        boolean rough = switched(given, name, rows > 0);
        if (rough && !can) {
            throw new DeviceException("setting opencl.rough is \"on\", but only kernels for CPUs with float32, float16"
                    + " or bfloat16 weights, without tiles, have a rough selection: leave it away");
        }
        if (!rough) {
            return Rough.NOTHING;
        }
        return given.getOrDefault(name, "auto").equals("on") ? Rough.EVERYTHING : Rough.whereItPays(rows);
    }

    private static Fusing fusing(Map<String, String> given, boolean cpu, ClDevice device) {
        String name = "opencl.fused";
        boolean fused = switched(given, name, cpu && Quirks.sleepsBetweenLaunches(device));
        if (fused && !cpu) {
            throw new DeviceException(
                    "setting opencl.fused is \"on\", but only kernels for CPUs can be fused: leave it away");
        }
        if (!fused) {
            return Fusing.NOTHING;
        }
        return given.getOrDefault(name, "auto").equals("on") ? Fusing.EVERYTHING : Fusing.WHERE_IT_PAYS;
    }

    private static boolean switched(Map<String, String> given, String name, boolean otherwise) {
        return switch (given.getOrDefault(name, "auto")) {
            case "auto" -> otherwise;
            case "on" -> true;
            case "off" -> false;
            default ->
                throw new DeviceException(
                        "setting " + name + " is \"" + given.get(name) + "\"; it must be auto, on or off");
        };
    }

    /** The settings of products among those that are given. */
    private static Map<String, Integer> settings(Map<String, String> given) {
        Map<String, Integer> settings = new HashMap<>();
        for (String name : OF_PRODUCTS) {
            if (given.containsKey("opencl." + name)) {
                settings.put(name, number(given, "opencl." + name, 0));
            }
        }
        return settings;
    }

    Int8Unit int8() {
        return units.int8();
    }

    int panel() {
        return packing.panel();
    }

    boolean cpu() {
        return kind == Kind.CPU;
    }

    int prefetch() {
        return base.prefetch();
    }

    int ahead() {
        return base.ahead();
    }

    /** Settings for up to so many rows. */
    record ByRows(int mostRows, LinearSettings settings) {}

    /**
     * The settings of a product by its rows, ascending; neighbours that are the same are one.
     *
     * @param limit the most rows that it can have
     */
    List<ByRows> linear(int columns, int inner, int limit) {
        List<ByRows> all = new ArrayList<>();
        for (ShapeClass.Rows rows : ShapeClass.Rows.values()) {
            LinearSettings settings = linear.getOrDefault(ShapeClass.of(rows, columns, inner), base);
            if (!all.isEmpty() && all.getLast().settings.equals(settings)) {
                all.removeLast();
            }
            all.add(new ByRows(rows.most, settings));
            if (rows.most >= limit) {
                break;
            }
        }
        return all;
    }

    private static int number(Map<String, String> given, String name, int otherwise) {
        String text = given.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new DeviceException("setting " + name + " is \"" + text + "\"; it must be a number", e);
        }
    }
}
