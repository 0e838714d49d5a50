package dev.gyre.opencl;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceOptions;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/** OpenCL devices for tests, or a skip that says what is missing. */
final class Devices {

    private static final AtomicInteger NAMES = new AtomicInteger();

    private Devices() {}

    static OpenClBackend backend(Path cache) {
        return new OpenClBackend(new ProgramCache(cache));
    }

    static OpenClDevice open(Path cache, Kind kind) {
        return open(cache, DeviceOptions.DEFAULTS.withKernels(kind));
    }

    static OpenClDevice open(Path cache, DeviceOptions options) {
        OpenClBackend backend = backend(cache);
        String absence = backend.absence();
        assumeTrue(absence.isEmpty(), () -> "no OpenCL device: " + absence);
        assumeTrue(backend.devices().stream().anyMatch(DeviceDescription::usable), "no usable OpenCL device");
        return (OpenClDevice) backend.open(0, options);
    }

    /** A description of a CPU or GPU that no other test has seen. */
    static ClDevice device(String platform, Kind kind, int floatWidth) {
        return device(platform, kind, floatWidth, 0);
    }

    /** With a compute capability. */
    static ClDevice device(String platform, Kind kind, int floatWidth, int capability) {
        return new ClDevice(
                new cl_platform_id(),
                new cl_device_id(),
                platform,
                "",
                "device " + NAMES.incrementAndGet(),
                "",
                "",
                "",
                kind,
                2,
                floatWidth,
                1 << 20,
                1 << 20,
                1 << 16,
                4096,
                capability,
                true);
    }
}
