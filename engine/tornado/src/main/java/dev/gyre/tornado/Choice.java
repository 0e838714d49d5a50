package dev.gyre.tornado;

import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.graph.Operation;
import java.util.Map;

/** Which operations run on kernels compiled from Java, and which on the OpenCL C sources. */
final class Choice {

    private static final String JIT = "jit";
    private static final String PREBUILT = "prebuilt";

    private final Map<String, String> tuning;
    private final Kind kind;
    private final boolean pocl;

    Choice(DeviceDescription device, DeviceOptions options) {
        tuning = options.tuning();
        kind = options.kernels().orElse(device.kind());
        pocl = device.probed().getOrDefault("driver", "").contains("Portable Computing Language");
    }

    Kind kind() {
        return kind;
    }

    boolean pocl() {
        return pocl;
    }

    boolean prebuilt(Operation operation) {
        String name = "tornado."
                + switch (operation) {
                    case Operation.Linear _ -> "linear";
                    case Operation.Attention _ -> "attention";
                    case Operation.Norm _ -> "norm";
                    case Operation.SelectTop _ -> "select";
                    default -> "rows";
                };
        String chosen = tuning.get(name);
        if (chosen == null) {
            chosen = tuning.get("tornado.kernels");
        }
        if (chosen == null) {
            // A prebuilt task begins a task graph of its own: worth it where the work is.
            boolean heavy = operation instanceof Operation.Linear
                    || operation instanceof Operation.Attention
                    || operation instanceof Operation.SelectTop;
            chosen = heavy && KernelFile.sourcesThere() ? PREBUILT : JIT;
        }
        return switch (chosen) {
            case JIT -> false;
            case PREBUILT -> true;
            default ->
                throw new DeviceException("setting " + name + " or tornado.kernels is \"" + chosen + "\"; it must be "
                        + JIT + " or " + PREBUILT);
        };
    }
}
