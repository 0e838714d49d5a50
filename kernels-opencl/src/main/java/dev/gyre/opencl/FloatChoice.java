package dev.gyre.opencl;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which {@link FloatUnit} a device takes. Of bfloat16 the tiles of AMX, where the processor has them, the system permits them
 * and small products are within {@link FloatTrial}'s bound; of float32 only where {@code opencl.float32} asks for them, as
 * three products for one are not known to be faster.
 *
 * @param text the unit, and why it is not a faster one
 */
record FloatChoice(FloatUnit unit, String text) {

    private static final String AUTO = "auto";

    /** What trials found in this process, by device and compute type. */
    private static final Map<String, Optional<String>> TRIED = new ConcurrentHashMap<>();

    /** The setting that forces a unit; null for types that have none. */
    static @Nullable String setting(ComputeType type) {
        return switch (type) {
            case FLOAT32, BFLOAT16 -> "opencl." + type.text();
            case FLOAT16, INT8, AUTO -> null;
        };
    }

    /**
     * @param trial the first wrong result of a unit that the processor has; empty if all are right
     * @throws DeviceException if the options force a unit that cannot be used, with the reason
     */
    static FloatChoice of(
            ClDevice device, DeviceOptions options, Processor processor, Function<FloatUnit, Optional<String>> trial) {
        ComputeType type = options.computeType();
        String setting = setting(type);
        if (setting == null) {
            return new FloatChoice(FloatUnit.FMA, FloatUnit.FMA.toString());
        }
        boolean cpu = options.kernels().orElse(device.kind()) == Kind.CPU;
        String standard = type == ComputeType.BFLOAT16 ? AUTO : FloatUnit.FMA.toString();
        String forced = options.tuning().getOrDefault(setting, standard);
        if (!forced.equals(standard)) {
            FloatUnit unit = named(setting, forced, standard);
            String refusal = cpu || unit == FloatUnit.FMA
                    ? refusal(unit, type, device, processor, trial)
                    : "kernels for GPUs have only fma";
            if (!refusal.isEmpty()) {
                throw new DeviceException("setting " + setting + " is " + unit + ", which this device cannot take: "
                        + refusal + "; leave it at " + standard);
            }
            return new FloatChoice(unit, unit + ", as " + setting + " says");
        }
        if (!cpu) {
            return new FloatChoice(FloatUnit.FMA, FloatUnit.FMA.toString());
        }
        String refusal = type == ComputeType.FLOAT32
                ? "only if " + setting + " says so"
                : refusal(FloatUnit.AMX, type, device, processor, trial);
        return refusal.isEmpty()
                ? new FloatChoice(FloatUnit.AMX, FloatUnit.AMX.toString())
                : new FloatChoice(FloatUnit.FMA, FloatUnit.FMA + "; not " + FloatUnit.AMX + ": " + refusal);
    }

    private static FloatUnit named(String setting, String name, String standard) {
        return Arrays.stream(FloatUnit.values())
                .filter(u -> u.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new DeviceException("setting " + setting + " is \"" + name + "\"; it must be "
                        + Stream.concat(
                                        Stream.of(standard),
                                        Arrays.stream(FloatUnit.values()).map(FloatUnit::toString))
                                .distinct()
                                .collect(Collectors.joining(", "))));
    }

    private static String refusal(
            FloatUnit unit,
            ComputeType type,
            ClDevice device,
            Processor processor,
            Function<FloatUnit, Optional<String>> trial) {
        if (unit.flags.isEmpty()) {
            return "";
        }
        String refusal = processor.refusal(device, unit.flags);
        if (refusal.isEmpty()) {
            refusal = processor.tileRefusal().get();
        }
        return refusal.isEmpty()
                ? TRIED.computeIfAbsent(type + "\n" + device.identity(), _ -> trial.apply(unit))
                        .orElse("")
                : refusal;
    }

    /** As the options are, for a trial of one unit. */
    static DeviceOptions options(FloatUnit unit, ComputeType type) {
        return DeviceOptions.DEFAULTS
                .withComputeType(type)
                .withKernels(Kind.CPU)
                .withTuning(Map.of("opencl." + type.text(), unit.toString(), "opencl.tune", "off"));
    }

    /** The types that have a choice, for people to read about. */
    static List<ComputeType> types() {
        return List.of(ComputeType.FLOAT32, ComputeType.BFLOAT16);
    }
}
