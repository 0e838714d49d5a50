package dev.gyre.conformance;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Backends;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Tunable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A device and how it is opened: {@code opencl:0 with GPU kernels}. */
record Target(Backend backend, DeviceDescription description, DeviceOptions options, String label) {

    /** Which devices take part: ids with commas between; absent for all but the yardstick. */
    static final String DEVICES = "gyre.conformance.devices";

    /** The backend that the others are measured with. */
    static final String YARDSTICK = "reference";

    /** What is read of a cache before it is written is seen at once. */
    private static final Map<String, String> POISONED = Map.of("opencl.poisoned", "on");

    /** Looked for once: probing compiles kernels. */
    private static final List<Target> ALL = find();

    private static final List<Target> INT8 = ALL.stream()
            .filter(t -> t.backend.name().equals("opencl"))
            .flatMap(Target::ofInt8)
            .toList();

    private static final List<Target> TILES = ALL.stream()
            .filter(t -> t.backend.name().equals("opencl"))
            .flatMap(Target::ofTiles)
            .toList();

    /** Every usable device on the class path that takes part, with each kind of kernels it can be opened with. */
    static List<Target> all() {
        return ALL;
    }

    /**
     * Those of {@link #all()} that have int8 products, opened for these: with what the device takes, and with every unit
     * of a processor that can be forced on it, those that are emulated too.
     */
    static List<Target> int8() {
        return INT8;
    }

    private static Stream<Target> ofInt8(Target t) {
        DeviceOptions options = t.options.withComputeType(ComputeType.INT8);
        String label = t.label + " in int8";
        Stream<Target> forced = t.backend instanceof Tunable tunable
                ? tunable.candidates(t.description.index(), options).stream()
                        .filter(settings -> settings.keySet().equals(Set.of("opencl.int8")))
                        .map(settings -> new Target(
                                t.backend,
                                t.description,
                                options.withTuning(settings),
                                label + " by " + String.join(", ", settings.values())))
                : Stream.empty();
        return Stream.concat(Stream.of(new Target(t.backend, t.description, options, label)), forced);
    }

    /**
     * Those of {@link #all()} that have products by tiles of two bytes, opened for these: emulated, and by AMX and tensor
     * cores where they can be taken.
     */
    static List<Target> tiles() {
        return TILES;
    }

    private static Stream<Target> ofTiles(Target t) {
        return Stream.of(ComputeType.FLOAT32, ComputeType.FLOAT16, ComputeType.BFLOAT16)
                .flatMap(type -> Stream.of("emulated-amx", "amx", "emulated-mma", "mma")
                        .map(unit -> new Target(
                                t.backend,
                                t.description,
                                t.options.withComputeType(type).withTuning(Map.of("opencl." + type.text(), unit)),
                                t.label + " in " + type.text() + " by " + unit)))
                .filter(Target::opens);
    }

    /** OpenCL's kernels with weights of two bytes and without tiles. */
    static List<Target> halves() {
        return ALL.stream()
                .filter(t -> t.backend.name().equals("opencl"))
                .flatMap(t -> Stream.of(ComputeType.FLOAT16, ComputeType.BFLOAT16)
                        .map(type -> new Target(
                                t.backend,
                                t.description,
                                t.options.withComputeType(type).withTuning(Map.of("opencl." + type.text(), "fma")),
                                t.label + " in " + type.text())))
                .toList();
    }

    private boolean opens() {
        try (Device _ = open()) {
            return true;
        } catch (DeviceException e) {
            return false;
        }
    }

    /** Those of {@link #all()} that are TornadoVM's, with kernels in Java and with its own launches of OpenCL C. */
    static List<Target> tornado() {
        return ALL.stream()
                .filter(t -> t.backend.name().equals("tornado"))
                .flatMap(t -> Stream.of(Map.of("tornado.kernels", "jit"), Map.of("tornado.launch", "task"))
                        .map(tuning -> new Target(
                                t.backend, t.description, t.options.withTuning(tuning), t.label + " with " + tuning)))
                .toList();
    }

    /** Those of {@link #all()} whose kernels have settings to tune, with what a tuner may choose: {@link Tunable#candidates}. */
    static List<Target> tuned(ComputeType type) {
        return ALL.stream().flatMap(t -> t.candidates(type)).toList();
    }

    /** Those of {@link #all()} whose kernels have settings, with some that differ from the built-in ones. */
    static List<Target> oneTuned() {
        return ALL.stream()
                .filter(t -> t.backend instanceof Tunable)
                .map(t -> new Target(
                        t.backend,
                        t.description,
                        t.options.withTuning(
                                t.options.kernels().equals(Optional.of(Kind.CPU))
                                        ? Map.of(
                                                "opencl.panel",
                                                "32",
                                                "opencl.tile",
                                                "5",
                                                "opencl.block",
                                                "13",
                                                "opencl.depth",
                                                "32",
                                                "opencl.width",
                                                "4",
                                                "opencl.rough",
                                                "on")
                                        : Map.of("opencl.panel", "32", "opencl.tile", "32", "opencl.few", "4")),
                        t.label + " tuned"))
                .toList();
    }

    /** Products of int8 with settings that differ from the built-in ones. */
    static List<Target> oneTunedInt8() {
        return ALL.stream()
                .filter(t ->
                        t.backend.name().equals("opencl") && t.options.kernels().equals(Optional.of(Kind.CPU)))
                .map(t -> new Target(
                        t.backend,
                        t.description,
                        t.options
                                .withComputeType(ComputeType.INT8)
                                .withTuning(Map.of(
                                        "opencl.int8",
                                        "emulated-pmaddubsw",
                                        "opencl.block",
                                        "6",
                                        "opencl.ahead",
                                        "16")),
                        t.label + " in int8 tuned"))
                .toList();
    }

    /** Those of {@link #all()} that run OpenCL's kernels for CPUs, with every launch as a step of one kernel. */
    static List<Target> fused() {
        return ALL.stream()
                .filter(t ->
                        t.backend.name().equals("opencl") && t.options.kernels().equals(Optional.of(Kind.CPU)))
                .map(Target::asOneKernel)
                .toList();
    }

    /** With every launch as a step of one kernel. */
    Target asOneKernel() {
        Map<String, String> more = new TreeMap<>(options.tuning());
        more.put("opencl.fused", "on");
        // Which int8 and tiles have not.
        if (options.computeType() != ComputeType.INT8
                && !options.tuning()
                        .containsKey("opencl." + options.computeType().text())) {
            more.put("opencl.rough", "on");
        }
        return new Target(backend, description, options.withTuning(more), label + " fused");
    }

    /** Tiles round what they multiply, and have nothing to tune. */
    private Stream<Target> candidates(ComputeType type) {
        return backend instanceof Tunable tunable
                ? tunable.candidates(description.index(), options.withComputeType(type)).stream()
                        .filter(settings -> !settings.keySet().equals(Set.of("opencl.int8")))
                        .map(Target::withoutTiles)
                        .map(settings -> new Target(
                                backend,
                                description,
                                options.withTuning(settings).withComputeType(type),
                                label + " tuned in " + type + " to " + settings))
                : Stream.empty();
    }

    private static Map<String, String> withoutTiles(Map<String, String> settings) {
        Map<String, String> more = new TreeMap<>(settings);
        more.put("opencl.float16", "fma");
        more.put("opencl.bfloat16", "fma");
        return more;
    }

    private static List<Target> find() {
        String chosen = System.getProperty(DEVICES, "");
        List<Target> targets = new ArrayList<>();
        for (Backend backend : Backends.all()) {
            for (DeviceDescription device : backend.devices()) {
                if (device.usable() && takesPart(device, chosen)) {
                    targets.addAll(of(backend, device));
                }
            }
        }
        return List.copyOf(targets);
    }

    private static boolean takesPart(DeviceDescription device, String chosen) {
        return chosen.isBlank()
                ? !device.backend().equals(YARDSTICK)
                : Arrays.stream(chosen.split(","))
                        .map(String::strip)
                        .anyMatch(id -> id.equals(device.id()) || id.equals(device.backend()));
    }

    /** Kernels for both kinds of devices are in the product, so both are tested wherever they run. */
    private static List<Target> of(Backend backend, DeviceDescription device) {
        if (!backend.name().equals("opencl")) {
            return List.of(new Target(backend, device, DeviceOptions.DEFAULTS, device.id()));
        }
        return Arrays.stream(Kind.values())
                .map(kind -> new Target(
                        backend,
                        device,
                        DeviceOptions.DEFAULTS.withKernels(kind).withTuning(POISONED),
                        device.id() + " with " + kind + " kernels"))
                .toList();
    }

    Device open() {
        return backend.open(description.index(), options);
    }

    @Override
    public String toString() {
        return label;
    }
}
