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

/**
 * Which {@link FloatUnit} a device takes. Of bfloat16 the tiles of AMX, where the processor has them and the system permits
 * them, and of float16 and bfloat16 the tensor cores of NVIDIA, each where small products are within {@link FloatTrial}'s
 * bound; of float32 the tiles only where {@code opencl.float32} asks for them, as three products for one are not known to be
 * faster.
 *
 * @param text the unit, and why it is not a faster one
 */
record FloatChoice(FloatUnit unit, String text) {

    private static final String AUTO = "auto";

    /** Tensor cores with bfloat16 and the shape of mma.cl. */
    private static final int AMPERE = 80;

    /** What trials found in this process, by device, unit and compute type. */
    private static final Map<String, Optional<String>> TRIED = new ConcurrentHashMap<>();

    /** The setting that forces a unit. */
    static String setting(ComputeType type) {
        return "opencl." + type.text();
    }

    /**
     * For a compute type that is a float.
     *
     * @param trial the first wrong result of a unit that the device has; empty if all are right
     * @throws DeviceException if the options force a unit that cannot be used, with the reason
     */
    static FloatChoice of(
            ClDevice device, DeviceOptions options, Processor processor, Function<FloatUnit, Optional<String>> trial) {
        ComputeType type = options.computeType();
        String setting = setting(type);
        Kind kernels = options.kernels().orElse(device.kind());
        String standard = type == ComputeType.FLOAT32 ? FloatUnit.FMA.toString() : AUTO;
        String forced = options.tuning().getOrDefault(setting, standard);
        if (!forced.equals(standard)) {
            FloatUnit unit = named(type, forced, standard);
            String refusal = refusal(unit, type, kernels, device, processor, trial);
            if (!refusal.isEmpty()) {
                throw new DeviceException("setting " + setting + " is " + unit + ", which this device cannot take: "
                        + refusal + "; leave it at " + standard);
            }
            return new FloatChoice(unit, unit + ", as " + setting + " says");
        }
        FloatUnit faster = kernels == Kind.CPU ? FloatUnit.AMX : FloatUnit.MMA;
        if (!faster.types.contains(type)) {
            return new FloatChoice(FloatUnit.FMA, FloatUnit.FMA.toString());
        }
        String refusal = type == ComputeType.FLOAT32
                ? "only if " + setting + " says so"
                : refusal(faster, type, kernels, device, processor, trial);
        return refusal.isEmpty()
                ? new FloatChoice(faster, faster.toString())
                : new FloatChoice(FloatUnit.FMA, FloatUnit.FMA + "; not " + faster + ": " + refusal);
    }

    private static FloatUnit named(ComputeType type, String name, String standard) {
        List<FloatUnit> units = Arrays.stream(FloatUnit.values())
                .filter(u -> u.types.contains(type))
                .toList();
        return units.stream()
                .filter(u -> u.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new DeviceException("setting " + setting(type) + " is \"" + name + "\"; it must be "
                        + Stream.concat(Stream.of(standard), units.stream().map(FloatUnit::toString))
                                .distinct()
                                .collect(Collectors.joining(", "))));
    }

    private static String refusal(
            FloatUnit unit,
            ComputeType type,
            Kind kernels,
            ClDevice device,
            Processor processor,
            Function<FloatUnit, Optional<String>> trial) {
        if (unit.kernels != null && unit.kernels != kernels) {
            return "kernels for " + kernels + "s have no " + unit;
        }
        String refusal = switch (unit) {
            case FMA, EMULATED_AMX, EMULATED_MMA -> "";
            case AMX -> {
                String lacking = processor.refusal(device, unit.flags);
                yield lacking.isEmpty() ? processor.tileRefusal().get() : lacking;
            }
            case MMA -> Quirks.nvidiaRefusal(device, AMPERE);
        };
        return refusal.isEmpty() && unit.instructions > 0
                ? TRIED.computeIfAbsent(unit + " " + type + "\n" + device.identity(), _ -> trial.apply(unit))
                        .orElse("")
                : refusal;
    }

    /** As the options are, for a trial of one unit. */
    static DeviceOptions options(FloatUnit unit, ComputeType type) {
        return DeviceOptions.DEFAULTS
                .withComputeType(type)
                .withKernels(unit.kernels == null ? Kind.CPU : unit.kernels)
                .withTuning(Map.of(setting(type), unit.toString(), "opencl.tune", "off"));
    }

    /** The types that have a choice, for people to read about. */
    static List<ComputeType> types() {
        return List.of(ComputeType.FLOAT32, ComputeType.FLOAT16, ComputeType.BFLOAT16);
    }
}
