package dev.gyre.conformance;

import java.util.ArrayList;
import java.util.List;

/** Every operation with few elements but with the edges of tiles: for devices that count every memory access. */
final class SmallCases {

    private SmallCases() {}

    static List<Case> all() {
        List<Case> cases = new ArrayList<>();
        cases.addAll(LinearCases.small());
        cases.addAll(RowCases.small());
        cases.addAll(PackedAttentionCases.small());
        cases.addAll(MemoryAttentionCases.small());
        cases.addAll(CacheCases.small());
        cases.addAll(AncestryCases.small());
        cases.addAll(SelectCases.small());
        cases.addAll(BestCases.small());
        cases.add(SearchScript.small());
        return cases;
    }
}
