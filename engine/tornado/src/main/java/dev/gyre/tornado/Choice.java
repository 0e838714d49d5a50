package dev.gyre.tornado;

import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.graph.Operation;
import java.util.List;
import java.util.Map;

/** Which operations run on kernels compiled from Java, and which on the OpenCL C sources. */
final class Choice {

    private static final String JIT = "jit";
    private static final String PREBUILT = "prebuilt";
    private static final String LIBRARY = "library";
    private static final String TASK = "task";

    private final Map<String, String> tuning;
    private final Kind kind;
    private final boolean pocl;
    private final String name;

    /** LLVM's names of processors with AVX-512, one of which is in the name of PoCL's device. */
    private static final List<String> WITH_AVX512 = List.of(
            "avx512",
            "cascadelake",
            "cooperlake",
            "cannonlake",
            "icelake",
            "tigerlake",
            "rocketlake",
            "rapids",
            "knl",
            "knm",
            "znver4",
            "znver5",
            "x86-64-v4");

    Choice(DeviceDescription device, DeviceOptions options) {
        name = device.name();
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

    /** Whether tasks on OpenCL C are calls of the {@link KernelLibrary} and not TornadoVM's prebuilt tasks. */
    boolean library() {
        String launch = tuning.getOrDefault("tornado.launch", LIBRARY);
        return switch (launch) {
            case LIBRARY -> true;
            case TASK -> false;
            default ->
                throw new DeviceException(
                        "setting tornado.launch is \"" + launch + "\"; it must be " + LIBRARY + " or " + TASK);
        };
    }

    /**
     * Columns of a panel of packed weights: wide, but on processors that PoCL compiles for without AVX-512, where six rows
     * of so many columns would not stay in the registers.
     */
    int width() {
        return kind == Kind.CPU && pocl && WITH_AVX512.stream().noneMatch(name::contains)
                ? PackedWeight.NARROW
                : PackedWeight.PANEL;
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
            chosen = KernelFile.sourcesThere() ? PREBUILT : JIT;
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
