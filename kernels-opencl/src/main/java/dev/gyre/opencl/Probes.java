package dev.gyre.opencl;

import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jocl.CL;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_program;
import org.jspecify.annotations.Nullable;

/**
 * What a device can do, tried by compiling: extension strings are not believed. Nothing is compiled before somebody
 * looks, and what was seen is kept in the program cache.
 */
final class Probes extends AbstractMap<String, String> {

    private static final Map<String, String> PROGRAMS = new LinkedHashMap<>();

    static {
        PROGRAMS.put(
                "half arithmetic",
                "#pragma OPENCL EXTENSION cl_khr_fp16 : enable\n"
                        + "__kernel void p(__global half* a) { a[0] = a[0] * a[1] + a[2]; }");
        PROGRAMS.put(
                "half storage", "__kernel void p(__global half* a) { vstore_half(vload_half(0, a) * 2.0f, 1, a); }");
        PROGRAMS.put(
                "inline PTX",
                "__kernel void p(__global uint* a) { uint l; asm volatile(\"mov.u32 %0, %%laneid;\" : \"=r\"(l));"
                        + " a[0] = l; }");
        PROGRAMS.put(
                "inline x86 assembly",
                "__kernel void p(__global uint* a) { uint l = a[0]; __asm__ volatile(\"bswapl %0\" : \"+r\"(l));"
                        + " a[0] = l; }");
        PROGRAMS.put(
                "subgroups",
                "#pragma OPENCL EXTENSION cl_khr_subgroups : enable\n"
                        + "__kernel void p(__global int* a) { a[0] = sub_group_reduce_add(a[1]); }");
    }

    private final ClDevice device;
    private final ProgramCache cache;
    private @Nullable Map<String, String> seen;

    Probes(ClDevice device, ProgramCache cache) {
        this.device = device;
        this.cache = cache;
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
            known.putAll(compiled());
            seen = Map.copyOf(known);
        }
        return Map.copyOf(known).entrySet();
    }

    private Map<String, String> compiled() {
        String key = ProgramCache.key("probes", PROGRAMS.toString(), device.identity());
        Optional<byte[]> cached = cache.load(key);
        Map<String, String> results = new LinkedHashMap<>();
        if (cached.isPresent()) {
            String[] lines = new String(cached.get(), StandardCharsets.UTF_8).split("\n");
            for (int i = 0; i + 1 < lines.length; i += 2) {
                results.put(lines[i], lines[i + 1]);
            }
            return results;
        }
        PROGRAMS.forEach((name, source) -> results.put(name, compiles(source) ? "compiles" : "does not compile"));
        StringBuilder text = new StringBuilder();
        results.forEach(
                (name, result) -> text.append(name).append('\n').append(result).append('\n'));
        cache.store(key, text.toString().getBytes(StandardCharsets.UTF_8));
        return results;
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
