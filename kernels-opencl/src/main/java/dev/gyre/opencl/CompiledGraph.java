package dev.gyre.opencl;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.InputChecks;
import dev.gyre.graph.BufferPlan;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jocl.CL;
import org.jocl.cl_mem;
import org.jspecify.annotations.Nullable;

/** A graph with its arena, its run block and its launches. */
final class CompiledGraph {

    private final Graph graph;
    private final InputChecks checks;
    private final BufferPlan plan;
    private final RunBlock run;
    private final cl_mem runBuffer;
    private final cl_mem arena;
    private final Products products;
    private final Optional<RoughLogits> rough;
    private final List<Launch> launches;
    /** What gives back what was taken, in the order in which it was taken. */
    private final List<Runnable> acquired = new ArrayList<>();

    private @Nullable Submissions submissions;
    private long lastRun;

    CompiledGraph(Graph graph, Kernels kernels, Residents residents, Residents.Buffers buffers) {
        this.graph = graph;
        checks = InputChecks.of(graph);
        plan = BufferPlan.of(graph);
        run = new RunBlock(graph);
        runBuffer = buffers.create(RunBlock.bytes(graph), "the inputs of graph " + graph.name());
        acquired.add(() -> CL.clReleaseMemObject(runBuffer));
        try {
            arena = buffers.create(arenaBytes(graph), "the intermediates of graph " + graph.name());
            acquired.add(() -> CL.clReleaseMemObject(arena));
            products = Products.of(graph, kernels.tuning(), buffers);
            acquired.add(products::close);
            rough = RoughLogits.of(graph, kernels.tuning(), run, buffers);
            rough.ifPresent(r -> acquired.add(r::close));
            launches = launches(kernels, new Places(run, runBuffer, plan, arena, residents));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private List<Launch> launches(Kernels kernels, Places places) {
        List<Launch> launches = new ArrayList<>();
        RowLaunches rows = new RowLaunches(kernels, places);
        for (Operation operation : graph.operations()) {
            launches.addAll(
                    switch (operation) {
                        case Operation.Embed e -> List.of(rows.embed(e));
                        case Operation.Linear l -> linear(l, kernels, places);
                        case Operation.Norm n -> List.of(NormLaunch.of(n, kernels, places));
                        case Operation.Attention a -> List.of(AttentionLaunch.of(a, kernels, places));
                        case Operation.AppendCache c -> List.of(rows.append(c));
                        case Operation.AdvanceAncestry a -> List.of(rows.advance(a));
                        case Operation.Gather g -> List.of(rows.gather(g));
                        case Operation.Rope r -> List.of(rows.rope(r));
                        case Operation.Gate g -> List.of(rows.gate(g));
                        case Operation.Activate a -> List.of(rows.activate(a));
                        case Operation.Add a -> List.of(rows.add(a));
                        case Operation.SelectTop s -> select(s, kernels, places);
                    });
        }
        return launches;
    }

    /** A rough selection stands beside the whole one; a run takes one of them. */
    private List<Launch> linear(Operation.Linear op, Kernels kernels, Places places) {
        List<Launch> whole = products.launches(op, kernels, places);
        return rough.filter(r -> r.replaces(op))
                .map(r -> Stream.concat(whole.stream().map(l -> l.only(r::isWhole)), r.bounds(kernels, places).stream())
                        .toList())
                .orElse(whole);
    }

    private List<Launch> select(Operation.SelectTop op, Kernels kernels, Places places) {
        Launch whole = SelectLaunch.of(op, kernels, places);
        return rough.filter(r -> r.replaces(op))
                .map(r -> List.of(whole.only(r::isWhole), r.best(kernels, places)))
                .orElse(List.of(whole));
    }

    List<Launch> launches() {
        return launches;
    }

    /** Makes the kernels, after which the graph can be run. */
    void make(Optional<FusedKernels> fused, OpenClDevice device) {
        submissions = new Submissions(graph.name(), launches, fused, run, device);
    }

    static long arenaBytes(Graph graph) {
        return BufferPlan.of(graph).bytes() + (long) Packing.PAD * ElementType.BYTES;
    }

    Graph graph() {
        return graph;
    }

    /** @param number of this run, from 1 on, of all of the program */
    void run(Bindings bindings, Queue queue, long number) {
        checks.run(bindings);
        Submissions made = Objects.requireNonNull(submissions);
        run.take(bindings);
        made.plan(run);
        run.send(bindings, queue, runBuffer);
        made.enqueue(run, queue);
        queue.endRun();
        rough.ifPresent(r -> r.ran(run));
        lastRun = number;
    }

    /** The number of the last run; 0 before the first. */
    long lastRun() {
        return lastRun;
    }

    /** The arena, to read an output from. */
    cl_mem arena() {
        return arena;
    }

    long offset(Value output) {
        return plan.offset(output);
    }

    /** Elements of an output after the last run; -1 before the first. */
    long elements(Value output) {
        if (lastRun == 0) {
            return -1;
        }
        return output.shape().axes().stream()
                .mapToLong(axis -> run.length(run.at(axis)))
                .reduce(1, (a, b) -> a * b);
    }

    /** Frees kernels and buffers; nothing may be under way. */
    void close() {
        if (submissions != null) {
            submissions.close();
        }
        run.close();
        acquired.reversed().forEach(Runnable::run);
        acquired.clear();
    }
}
