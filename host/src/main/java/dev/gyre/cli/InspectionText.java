package dev.gyre.cli;

import dev.gyre.backend.MemoryPlan;
import dev.gyre.graph.Graph;
import dev.gyre.inspect.Inspection;
import dev.gyre.models.SpecialTokens;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** An inspection as people read it. */
final class InspectionText {

    private static final int UNUSED_NAMED = 8;

    private final StringBuilder text = new StringBuilder();

    private InspectionText() {}

    static String of(Inspection inspection) {
        return new InspectionText().write(inspection);
    }

    private String write(Inspection model) {
        row("model", model.path().toString());
        row("family", model.family());
        model.encoder().ifPresent(s -> row("encoder", side(s)));
        model.decoder().ifPresent(s -> row("decoder", side(s)));
        row(
                "positions",
                model.decoder().isEmpty()
                        ? Integer.toString(model.maxSource())
                        : model.maxSource() + " source, " + model.maxTarget() + " target");
        row("special tokens", special(model.special()));
        row("tokenizer", model.tokenizer() ? "yes" : "none in the folder: token ids only");
        row("parameters", String.format(Locale.ROOT, "%,d", model.parameters()));
        model.stored()
                .forEach((type, stored) -> row(
                        "stored as " + type,
                        String.format(Locale.ROOT, "%,d numbers in %d tensors", stored.elements(), stored.tensors())));
        if (!model.unused().isEmpty()) {
            row("unused tensors", unused(model.unused()));
        }
        memory(model);
        for (Graph graph : model.program().graphs()) {
            row("graph " + graph.name(), graph.operations().size() + " operations: " + operations(graph));
        }
        return text.toString();
    }

    private void memory(Inspection model) {
        MemoryPlan memory = model.memory();
        row(
                "device memory",
                model.decoder().isEmpty()
                        ? "%s for %d tokens in at most %d texts at once, in float32"
                                .formatted(
                                        ByteSize.text(memory.total()),
                                        model.capacity().tokens(),
                                        model.capacity().sequences())
                        : "%s for %d source tokens and %d hypotheses of %d tokens at once, in float32"
                                .formatted(
                                        ByteSize.text(memory.total()),
                                        model.capacity().tokens(),
                                        model.capacity().slots(),
                                        model.capacity().positions()));
        row("  weights", ByteSize.text(memory.weights()));
        if (model.decoder().isPresent()) {
            row("  caches", ByteSize.text(memory.states()));
        }
        row("  intermediates", ByteSize.text(memory.arena()));
        row("  inputs", ByteSize.text(memory.inputs()));
    }

    private static String side(Inspection.Side side) {
        return "%d layers, d_model %d, %d heads, feed-forward %d (%s), vocabulary %d, norm %s"
                .formatted(
                        side.layers(),
                        side.width(),
                        side.heads(),
                        side.inner(),
                        side.activation(),
                        side.vocabulary(),
                        side.norms().name().toLowerCase(Locale.ROOT));
    }

    private static String special(SpecialTokens special) {
        return "start " + id(special.decoderStart()) + ", end "
                + (special.end().isEmpty()
                        ? "none"
                        : special.end().stream().map(String::valueOf).collect(Collectors.joining(" ")))
                + ", padding " + id(special.pad()) + ", unknown " + id(special.unknown());
    }

    private static String id(OptionalInt id) {
        return id.isPresent() ? Integer.toString(id.getAsInt()) : "none";
    }

    private static String unused(List<String> names) {
        String some = names.stream().limit(UNUSED_NAMED).collect(Collectors.joining(", "));
        return names.size() > UNUSED_NAMED ? some + " and " + (names.size() - UNUSED_NAMED) + " more" : some;
    }

    private static String operations(Graph graph) {
        return Inspection.operations(graph).entrySet().stream()
                .map(e -> e.getValue() + " " + e.getKey())
                .collect(Collectors.joining(", "));
    }

    private void row(String key, String value) {
        text.append(String.format(Locale.ROOT, "%-18s %s\n", key, value));
    }
}
