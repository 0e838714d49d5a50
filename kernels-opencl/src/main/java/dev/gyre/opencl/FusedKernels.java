package dev.gyre.opencl;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One kernel that does the calls of many launches (steps.cl), made of the kernels of these calls.
 *
 * @param steps the kernel
 * @param numbers by which its entries name the kernels; a kernel that is not in it is launched by itself
 */
record FusedKernels(KernelName steps, Map<KernelName, Integer> numbers) {

    /** Every full profile lets a kernel have 1,024 bytes of arguments. */
    static final int BASES = 112;

    static final int STEPS = 512;
    static final int STRIDE = 16;

    /** Fuses the kernels of calls, as far as they can stand in one program. */
    static FusedKernels of(Collection<Call> calls) {
        Map<KernelName, Call> examples = new LinkedHashMap<>();
        calls.forEach(call -> examples.putIfAbsent(call.kernel(), call));
        KernelSource source = KernelSource.empty().define("FUSED", 1).define("ACTIVATE_VECTORS", 1);
        Map<KernelName, Integer> numbers = new LinkedHashMap<>();
        StringBuilder cases = new StringBuilder();
        for (Call example : examples.values()) {
            KernelName kernel = example.kernel();
            if (!fits(kernel, numbers.keySet())) {
                continue;
            }
            int number = numbers.size();
            String name = kernel.name();
            if (name.equals("linear")) {
                // The one that there may be several of, with other settings each.
                name = "linear_" + number;
                source = source.define("linear", name);
            }
            if (numbers.keySet().stream().noneMatch(other -> other.source().equals(kernel.source()))) {
                source = source.include(kernel.source());
            }
            numbers.put(kernel, number);
            cases.append("case ")
                    .append(number)
                    .append(": EACH_ITEM(")
                    .append(name)
                    .append("(item_0, item_1, run");
            cases.append(parameters(example)).append(")); break; ");
        }
        source = source.text("#undef linear\n")
                .define("CASES", cases.toString())
                .define("BASES", BASES)
                .define("STEPS", STEPS)
                .define("STRIDE", STRIDE)
                .define("BASE_PARAMETERS", bases("__global void* base_"))
                .define("BASE_LIST", bases("base_"))
                .file("steps.cl");
        return new FusedKernels(new KernelName(source, "steps"), Map.copyOf(numbers));
    }

    /** There may be several products, with other settings each; of attention, say, there is one head size. */
    private static boolean fits(KernelName kernel, Collection<KernelName> others) {
        return kernel.name().equals("linear")
                || others.stream().noneMatch(other -> other.name().equals(kernel.name()));
    }

    private static String parameters(Call call) {
        StringBuilder list = new StringBuilder();
        List<Argument> arguments = call.arguments();
        for (int i = 1; i < arguments.size(); i++) {
            list.append(
                    switch (arguments.get(i)) {
                        case Argument.Memory _ -> ", bases[entry[" + i + "]]";
                        case Argument.Number _ -> ", entry[" + i + "]";
                        case Argument.Real _ -> ", as_float(entry[" + i + "])";
                    });
        }
        return list.toString();
    }

    private static String bases(String name) {
        return IntStream.range(0, BASES).mapToObj(i -> name + i).collect(Collectors.joining(", "));
    }

    boolean fuses(Launch launch) {
        return launch.calls().map(Call::kernel).allMatch(numbers::containsKey);
    }

    /** The number of a call's kernel. */
    int number(Call call) {
        return Objects.requireNonNull(numbers.get(call.kernel()));
    }
}
