package dev.gyre.inspect;

import dev.gyre.graph.Activation;
import dev.gyre.graph.Columns;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an operation does, beyond its kind: the constants that it was recorded with. */
final class OperationText {

    private OperationText() {}

    /** Short remarks, none of them about the tensors that are computed in the graph. */
    static List<String> remarks(Operation operation) {
        List<String> remarks = new ArrayList<>();
        switch (operation) {
            case Operation.Embed o -> {
                remarks.add(tensor(o.table()));
                if (o.scale() != 1) {
                    remarks.add("× " + o.scale());
                }
                added(remarks, "+ positions ", o.positions());
                added(remarks, "+ types ", o.types());
            }
            case Operation.Linear o -> {
                remarks.add(tensor(o.weight()));
                if (o.bias() != null) {
                    remarks.add("+ bias");
                }
                activation(remarks, o.activation());
                if (o.residual() != null) {
                    remarks.add("+ residual " + o.residual().name());
                }
            }
            case Operation.Norm o -> {
                remarks.add(o.normKind().name().toLowerCase(Locale.ROOT));
                if (o.residual() != null) {
                    remarks.add("of sum with " + o.residual().name());
                }
            }
            case Operation.Attention o -> {
                remarks.add(o.heads() + " heads of " + o.headSize());
                if (o.keyHeads() != o.heads()) {
                    remarks.add(o.keyHeads() + " key heads");
                }
                remarks.add(
                        switch (o.keys()) {
                            case Keys.Packed p -> p.causal() ? "own past" : "own sequence";
                            case Keys.Range r -> "memory of the source";
                            case Keys.Ancestry a -> "past by ancestry";
                        });
                if (o.bias() != null) {
                    remarks.add("relative positions");
                }
            }
            case Operation.Rope o -> remarks.add(o.heads() + " heads of " + o.headSize());
            case Operation.Gate o -> activation(remarks, o.activation());
            case Operation.Activate o -> activation(remarks, o.activation());
            case Operation.AppendCache o -> remarks.add("into " + o.cache().name());
            case Operation.SelectTop o ->
                remarks.add("best of " + o.logits().shape().columns());
            case Operation.AdvanceAncestry o ->
                remarks.add("lines of " + o.ancestry().shape());
            case Operation.Gather o -> {}
            case Operation.Add o -> {}
        }
        return remarks;
    }

    static String tensor(Tensor tensor) {
        return shortName(tensor.name()) + " " + tensor.shape();
    }

    /** Of a matrix that is several of the checkpoint's under one another, the first and how many more. */
    static String shortName(String name) {
        int bar = name.indexOf('|');
        return bar < 0
                ? name
                : name.substring(0, bar) + " and "
                        + name.chars().filter(c -> c == '|').count() + " more";
    }

    static String columns(Columns columns) {
        Tensor t = columns.tensor();
        return columns.count() == t.shape().columns()
                ? t.name()
                : t.name() + "[" + columns.first() + ":" + (columns.first() + columns.count()) + "]";
    }

    private static void added(List<String> remarks, String what, @Nullable Tensor tensor) {
        if (tensor != null) {
            remarks.add(what + tensor(tensor));
        }
    }

    private static void activation(List<String> remarks, Activation activation) {
        if (activation != Activation.NONE) {
            remarks.add(activation.name().toLowerCase(Locale.ROOT));
        }
    }
}
