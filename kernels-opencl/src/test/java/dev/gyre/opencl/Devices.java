package dev.gyre.opencl;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceOptions;
import java.nio.file.Path;

/** OpenCL devices for tests, or a skip that says what is missing. */
final class Devices {

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
}
