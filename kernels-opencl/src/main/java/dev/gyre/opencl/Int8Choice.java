package dev.gyre.opencl;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Which {@link Int8Unit} a device takes: the first that the processor has, the system permits, and that computes small
 * products right; nothing that the processor lacks is run.
 *
 * @param text the unit, and why it is not a faster one
 */
record Int8Choice(Int8Unit unit, String text) {

    static final String SETTING = "opencl.int8";

    /** Products of four bytes. */
    private static final int PASCAL = 61;

    /** What trials found in this process, by device and unit. */
    private static final Map<String, Optional<String>> TRIED = new ConcurrentHashMap<>();

    /**
     * @param trial the first wrong result of a unit that the processor has; empty if all are right
     * @throws DeviceException if the options force a unit that cannot be used, with the reason
     */
    static Int8Choice of(
            ClDevice device, DeviceOptions options, Processor processor, Function<Int8Unit, Optional<String>> trial) {
        Kind kernels = options.kernels().orElse(device.kind());
        String forced = options.tuning().getOrDefault(SETTING, "auto");
        if (!forced.equals("auto")) {
            Int8Unit unit = Int8Unit.named(forced);
            String refusal = unit.has(kernels)
                    ? refusal(unit, device, processor, trial)
                    : "kernels for " + kernels + "s have no " + unit;
            if (!refusal.isEmpty()) {
                throw new DeviceException("setting " + SETTING + " is " + unit + ", which this device cannot take: "
                        + refusal + "; leave it at auto");
            }
            return new Int8Choice(unit, unit + ", as " + SETTING + " says");
        }
        List<String> refusals = new ArrayList<>();
        for (Int8Unit unit : Int8Unit.values()) {
            if (!unit.has(kernels)) {
                continue;
            }
            String refusal = refusal(unit, device, processor, trial);
            if (refusal.isEmpty()) {
                refusals.addFirst(unit.toString());
                return new Int8Choice(unit, String.join("; ", refusals));
            }
            refusals.add("not " + unit + ": " + refusal);
        }
        throw new IllegalStateException("pairs and plain need nothing");
    }

    /** All that can be forced on a device, the emulated ones too. */
    static List<Int8Unit> possible(
            ClDevice device, DeviceOptions options, Processor processor, Function<Int8Unit, Optional<String>> trial) {
        Kind kernels = options.kernels().orElse(device.kind());
        return Arrays.stream(Int8Unit.values())
                .filter(u -> u.has(kernels))
                .filter(u -> refusal(u, device, processor, trial).isEmpty())
                .toList();
    }

    private static String refusal(
            Int8Unit unit, ClDevice device, Processor processor, Function<Int8Unit, Optional<String>> trial) {
        if (unit.flags.isEmpty() && unit != Int8Unit.DP4A) {
            return "";
        }
        String lacking =
                unit == Int8Unit.DP4A ? Quirks.nvidiaRefusal(device, PASCAL) : processor.refusal(device, unit.flags);
        if (!lacking.isEmpty()) {
            return lacking;
        }
        if (unit.wide() && device.floatWidth() < Candidate.AVX512) {
            return "PoCL compiles for vectors of " + device.floatWidth() + " floats";
        }
        String refusal = unit.tiles() ? processor.tileRefusal().get() : "";
        if (!refusal.isEmpty()) {
            return refusal;
        }
        return TRIED.computeIfAbsent(unit + "\n" + device.identity(), _ -> trial.apply(unit))
                .orElse("");
    }

    /** As the options are, for a trial of one unit. */
    static DeviceOptions options(Int8Unit unit) {
        return DeviceOptions.DEFAULTS
                .withComputeType(ComputeType.INT8)
                .withKernels(unit.dp4a() ? Kind.GPU : Kind.CPU)
                .withTuning(Map.of(SETTING, unit.toString(), "opencl.tune", "off"));
    }
}
