package dev.gyre.tornado;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** The OpenCL devices of TornadoVM. Only for a JVM that runs with an SDK, see {@link Sdk}. */
final class TornadoDevices {

    private TornadoDevices() {}

    /** What makes this TornadoVM useless although it is there; empty if nothing. */
    static String defect() {
        TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
        if (runtime == null) {
            return "TornadoVM's runtime could not be loaded: start Java with @$TORNADOVM_HOME/tornado-argfile";
        }
        long header = TornadoNativeArray.ARRAY_HEADER;
        if (header != 16 && header != 24) {
            return "TornadoVM's arrays have a header of " + header
                    + " bytes; 16 or 24 is expected: leave tornado.panama.objectHeader alone";
        }
        for (int b = 0; b < runtime.getNumBackends(); b++) {
            if (runtime.getBackendType(b) == TornadoVMBackendType.OPENCL) {
                return "";
            }
        }
        return "this TornadoVM SDK has no OpenCL backend: install the one named -opencl";
    }

    static List<DeviceDescription> descriptions() {
        List<DeviceDescription> descriptions = new ArrayList<>();
        for (TornadoDevice device : all()) {
            descriptions.add(describe(device, descriptions.size()));
        }
        return List.copyOf(descriptions);
    }

    private static List<TornadoDevice> all() {
        TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
        List<TornadoDevice> devices = new ArrayList<>();
        for (int b = 0; b < runtime.getNumBackends(); b++) {
            if (runtime.getBackendType(b) == TornadoVMBackendType.OPENCL) {
                devices.addAll(runtime.getBackend(b).getAllDevices());
            }
        }
        return devices;
    }

    private static DeviceDescription describe(TornadoDevice device, int index) {
        TornadoTargetDevice target = device.getPhysicalDevice();
        Map<String, String> probed = new LinkedHashMap<>();
        probed.put("driver", device.getPlatformName());
        probed.put("backend", device.getTornadoVMBackend() + ", " + device.getDeviceOpenCLCVersion());
        probed.put("array header", TornadoNativeArray.ARRAY_HEADER + " bytes");
        return new DeviceDescription(
                TornadoBackend.NAME,
                index,
                target.getDeviceName(),
                device.getDeviceType() == TornadoDeviceType.GPU ? Kind.GPU : Kind.CPU,
                target.getDeviceMaxComputeUnits(),
                target.getDeviceGlobalMemorySize(),
                target.getDeviceMaxAllocationSize(),
                probed,
                unusable(device));
    }

    private static String unusable(TornadoDevice device) {
        TornadoDeviceType type = device.getDeviceType();
        return type == TornadoDeviceType.GPU || type == TornadoDeviceType.CPU
                ? ""
                : "it is a " + type + ", and there are kernels for GPUs and CPUs only";
    }

    static Device open(DeviceDescription description, DeviceOptions options) {
        if (options.computeType() != ComputeType.FLOAT32) {
            throw new DeviceException(TornadoBackend.NAME + " computes in FLOAT32 only, not in " + options.computeType()
                    + "; ask for FLOAT32 or take the opencl backend");
        }
        return new TaskGraphDevice(description, options, all().get(description.index()));
    }
}
