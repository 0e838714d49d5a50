package dev.gyre.opencl;

import dev.gyre.backend.DeviceDescription.Kind;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/**
 * What a driver says about one of its devices.
 *
 * @param capability NVIDIA's compute capability, 80 for 8.0; 0 where the driver says none
 * @param floatWidth lanes of a vector of floats in hardware; 16 with AVX-512
 */
record ClDevice(
        cl_platform_id platform,
        cl_device_id id,
        String platformName,
        String platformVersion,
        String name,
        String version,
        String driver,
        String extensions,
        Kind kind,
        int units,
        int floatWidth,
        long memoryBytes,
        long maxBufferBytes,
        long localBytes,
        long maxGroup,
        int capability,
        boolean usableCompiler) {

    /** What a compiled program depends on besides its source. */
    String identity() {
        return String.join("\n", platformName, platformVersion, name, version, driver);
    }
}
