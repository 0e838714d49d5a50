package dev.gyre.opencl;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.Map;

/**
 * The tunables of kernels with what they are for this device; the comments of the kernel files have their ranges.
 * {@code DeviceOptions.tuning} overrides them by name, as {@code opencl.panel}.
 *
 * @param failAt the launch that is to fail, for tests of failures; 0 for none
 * @param binaries whether compiled programs are kept in the program cache
 */
record Tuning(
        Kind kind,
        Packing packing,
        int tile,
        int block,
        int depth,
        int prefetch,
        int ahead,
        int failAt,
        boolean binaries) {

    static Tuning of(ClDevice device, DeviceOptions options) {
        Kind kind = options.kernels().orElse(device.kind());
        Map<String, String> given = options.tuning();
        Quirks.Tile best = Quirks.cpuTile(device, options.computeType());
        boolean int8 = options.computeType() == ComputeType.INT8;
        int panel = int8 ? Packing.INT8_PANEL : kind == Kind.GPU ? 64 : best.columns();
        int tile = number(given, "opencl.tile", best.rows(), 4, 14);
        return new Tuning(
                kind,
                new Packing(int8 ? panel : panelOf(given, panel), options.computeType()),
                tile,
                number(given, "opencl.block", tile, 1, 1024),
                number(given, "opencl.depth", 4096, 32, 65536),
                number(given, "opencl.prefetch", Quirks.prefetch(device), 0, 3),
                number(given, "opencl.ahead", 64, 8, 512),
                number(given, "opencl.fail-at", 0, 0, Integer.MAX_VALUE),
                switch (given.getOrDefault("opencl.binaries", "auto")) {
                    case "auto" -> !Quirks.keepsPrograms(device);
                    case "on" -> true;
                    case "off" -> false;
                    default ->
                        throw new DeviceException("setting opencl.binaries is \"" + given.get("opencl.binaries")
                                + "\"; it must be auto, on or off");
                });
    }

    private static int panelOf(Map<String, String> given, int otherwise) {
        int panel = number(given, "opencl.panel", otherwise, 16, 128);
        if (panel % 16 != 0) {
            throw new DeviceException("setting opencl.panel is " + panel + "; it must be a multiple of 16");
        }
        return panel;
    }

    int panel() {
        return packing.panel();
    }

    boolean cpu() {
        return kind == Kind.CPU;
    }

    private static int number(Map<String, String> given, String name, int otherwise, int least, int most) {
        String text = given.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            int value = Integer.parseInt(text.strip());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Falls through to the message below, which says the same of both.
        }
        throw new DeviceException(
                "setting " + name + " is \"" + text + "\"; it must be a number from " + least + " to " + most);
    }
}
