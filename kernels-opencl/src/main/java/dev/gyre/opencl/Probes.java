package dev.gyre.opencl;

import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceOptions;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jocl.CL;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_program;
import org.jspecify.annotations.Nullable;

/**
 * What a device can do, tried by compiling: extension strings are not believed. But what a device does not even claim,
 * or what another kind of processor would have to be there for, is not tried, as a compiler may complain on the standard
 * error of whoever uses Gyre. Nothing is compiled before somebody looks, and what was seen is kept in the program cache.
 */
final class Probes extends AbstractMap<String, String> {

    private static final Set<String> X86 = Set.of("amd64", "x86_64", "x86", "i386");

    /** @param offered whether there is a reason to try */
    private record Probe(String source, Predicate<ClDevice> offered) {}

    private static final Map<String, Probe> PROBES = new LinkedHashMap<>();

    static {
        PROBES.put(
                "half arithmetic",
                new Probe(
                        "#pragma OPENCL EXTENSION cl_khr_fp16 : enable\n"
                                + "__kernel void p(__global half* a) { a[0] = a[0] * a[1] + a[2]; }",
                        d -> d.extensions().contains("cl_khr_fp16")));
        PROBES.put(
                "half storage",
                new Probe(
                        "__kernel void p(__global half* a) { vstore_half(vload_half(0, a) * 2.0f, 1, a); }",
                        _ -> true));
        PROBES.put(
                "inline PTX",
                new Probe(
                        "__kernel void p(__global uint* a) { uint l; asm volatile(\"mov.u32 %0, %%laneid;\" : \"=r\"(l));"
                                + " a[0] = l; }",
                        d -> d.extensions().contains("cl_nv_")));
        PROBES.put(
                "inline x86 assembly",
                new Probe(
                        "__kernel void p(__global uint* a) { uint l = a[0]; __asm__ volatile(\"bswapl %0\" : \"+r\"(l));"
                                + " a[0] = l; }",
                        d -> d.kind() == Kind.CPU && X86.contains(System.getProperty("os.arch"))));
        PROBES.put(
                "subgroups",
                new Probe(
                        "#pragma OPENCL EXTENSION cl_khr_subgroups : enable\n"
                                + "__kernel void p(__global int* a) { a[0] = sub_group_reduce_add(a[1]); }",
                        d -> d.extensions().contains("subgroups")));
    }

    private final ClDevice device;
    private final ProgramCache cache;
    private final Supplier<Map<String, String>> units;
    private @Nullable Map<String, String> seen;

    /** @param units what multiplies, by compute type, for people */
    Probes(ClDevice device, ProgramCache cache, Supplier<Map<String, String>> units) {
        this.device = device;
        this.cache = cache;
        this.units = units;
    }

    /** The driver alone needs no compiler: records of measurements name it. */
    @Override
    public @Nullable String get(@Nullable Object key) {
        return "driver".equals(key) ? device.driver() : super.get(key);
    }

    @Override
    public synchronized Set<Map.Entry<String, String>> entrySet() {
        Map<String, String> known = seen;
        if (known == null) {
            known = new LinkedHashMap<>();
            known.put("platform", device.platformName() + ", " + device.platformVersion());
            known.put("driver", device.driver());
            known.put("float lanes", Integer.toString(device.floatWidth()));
            known.put("local memory", device.localBytes() + " bytes");
            known.put("largest work-group", Long.toString(device.maxGroup()));
            known.put(
                    "tuning",
                    TuningInUse.find(device, DeviceOptions.DEFAULTS, cache.folder())
                            .text());
            known.putAll(units.get());
            known.putAll(compiled());
            seen = Map.copyOf(known);
        }
        return Map.copyOf(known).entrySet();
    }

    private Map<String, String> compiled() {
        StringBuilder tried = new StringBuilder("tried where offered");
        PROBES.forEach((name, probe) -> tried.append(name).append(probe.source()));
        String key = ProgramCache.key("probes", tried.toString(), device.extensions(), device.identity());
        Optional<byte[]> cached = cache.load(key);
        Map<String, String> results = new LinkedHashMap<>();
        if (cached.isPresent()) {
            String[] lines = new String(cached.get(), StandardCharsets.UTF_8).split("\n");
            for (int i = 0; i + 1 < lines.length; i += 2) {
                results.put(lines[i], lines[i + 1]);
            }
            return results;
        }
        PROBES.forEach((name, probe) -> results.put(name, result(probe)));
        StringBuilder text = new StringBuilder();
        results.forEach(
                (name, result) -> text.append(name).append('\n').append(result).append('\n'));
        cache.store(key, text.toString().getBytes(StandardCharsets.UTF_8));
        return results;
    }

    private String result(Probe probe) {
        if (!probe.offered().test(device)) {
            return "not offered";
        }
        return compiles(probe.source()) ? "compiles" : "does not compile";
    }

    private boolean compiles(String source) {
        cl_device_id[] one = {device.id()};
        cl_context_properties properties = new cl_context_properties();
        properties.addProperty(CL.CL_CONTEXT_PLATFORM, device.platform());
        int[] code = new int[1];
        cl_context context = CL.clCreateContext(properties, 1, one, null, null, code);
        if (code[0] != CL.CL_SUCCESS) {
            return false;
        }
        try {
            cl_program program = CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, code);
            if (code[0] != CL.CL_SUCCESS) {
                return false;
            }
            int built = CL.clBuildProgram(program, 1, one, KernelSource.OPTIONS, null, null);
            CL.clReleaseProgram(program);
            return built == CL.CL_SUCCESS;
        } finally {
            CL.clReleaseContext(context);
        }
    }
}
