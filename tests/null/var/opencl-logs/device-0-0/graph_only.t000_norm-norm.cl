#pragma OPENCL EXTENSION cl_khr_fp64 : enable  
#pragma OPENCL EXTENSION cl_khr_fp16 : enable  
#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable  
__kernel void norm(__global long *_kernel_context, __constant uchar *_constant_region, __local uchar *_local_region, __global int *_atomics, __global uchar *run, __private int rows, __private int d, __global uchar *x, __private int xAt, __global uchar *residual, __private int residualAt, __global uchar *gamma, __global uchar *beta, __private int extras, __private float epsilon, __global uchar *sum, __private int sumAt, __global uchar *out, __private int outAt)
{
  int i_22, i_8, i_11, i_10, i_12, i_15, i_14, i_98, i_7, i_167, i_166, i_89, i_184, i_90; 
  ulong ul_171, ul_6, ul_4, ul_180, ul_2, ul_178, ul_3, ul_19, ul_0, ul_176, ul_1, ul_94; 
  bool b_9; 
  long l_16, l_17, l_174, l_175, l_92, l_93, l_173, l_170, l_91, l_168, l_169, l_18; 
  float f_88, f_95, f_83, f_82, f_81, f_80, f_87, f_86, f_85, f_84, f_75, f_74, f_73, f_72, f_79, f_78, f_77, f_76, f_67, f_66, f_65, f_64, f_71, f_70, f_69, f_68, f_59, f_58, f_57, f_56, f_63, f_62, f_61, f_60, f_51, f_50, f_49, f_48, f_55, f_54, f_53, f_52, f_43, f_42, f_41, f_40, f_47, f_46, f_45, f_44, f_35, f_34, f_33, f_32, f_39, f_38, f_37, f_36, f_27, f_26, f_25, f_24, f_31, f_30, f_29, f_28, f_23, f_21, f_20, f_13, f_179, f_177, f_183, f_182, f_181, f_172, f_163, f_162, f_161, f_160, f_165, f_164, f_155, f_154, f_153, f_152, f_159, f_158, f_157, f_156, f_147, f_146, f_145, f_144, f_151, f_150, f_149, f_148, f_139, f_138, f_137, f_136, f_143, f_142, f_141, f_140, f_131, f_130, f_129, f_128, f_135, f_134, f_133, f_132, f_123, f_122, f_121, f_120, f_127, f_126, f_125, f_124, f_115, f_114, f_113, f_112, f_119, f_118, f_117, f_116, f_107, f_106, f_105, f_104, f_111, f_110, f_109, f_108, f_99, f_97, f_96, f_103, f_102, f_101, f_100; 

  // BLOCK 0
  ul_0  =  (ulong) run;
  ul_1  =  (ulong) x;
  ul_2  =  (ulong) gamma;
  ul_3  =  (ulong) beta;
  ul_4  =  (ulong) out;
  __local float adf_5[32];
  ul_6  =  ul_0 + 16L;
  i_7  =  *((__global int *) ul_6);
  i_8  =  get_group_id(0);
  b_9  =  i_8 < i_7;
  if(b_9)
  {
    // BLOCK 1
    i_10  =  i_8 << 1;
    i_11  =  i_10 + i_8;
    i_12  =  get_local_id(0);
    // BLOCK 2 MERGES [1 3 ]
    f_13  =  0.0F;
    i_14  =  i_12;
    for(;i_14 < 3;)
    {
      // BLOCK 3
      i_15  =  i_11 + i_14;
      l_16  =  (long) i_15;
      l_17  =  l_16 + 4L;
      l_18  =  l_17 << 2;
      ul_19  =  ul_1 + l_18;
      f_20  =  *((__global float *) ul_19);
      f_21  =  f_13 + f_20;
      i_22  =  i_14 + 32;
      f_13  =  f_21;
      i_14  =  i_22;
    }  // B2
    // BLOCK 4
    adf_5[i_12]  =  f_13;
    barrier(CLK_LOCAL_MEM_FENCE);
    f_23  =  adf_5[0];
    f_24  =  adf_5[1];
    f_25  =  adf_5[2];
    f_26  =  adf_5[3];
    f_27  =  adf_5[4];
    f_28  =  adf_5[5];
    f_29  =  adf_5[6];
    f_30  =  adf_5[7];
    f_31  =  adf_5[8];
    f_32  =  adf_5[9];
    f_33  =  adf_5[10];
    f_34  =  adf_5[11];
    f_35  =  adf_5[12];
    f_36  =  adf_5[13];
    f_37  =  adf_5[14];
    f_38  =  adf_5[15];
    f_39  =  adf_5[16];
    f_40  =  adf_5[17];
    f_41  =  adf_5[18];
    f_42  =  adf_5[19];
    f_43  =  adf_5[20];
    f_44  =  adf_5[21];
    f_45  =  adf_5[22];
    f_46  =  adf_5[23];
    f_47  =  adf_5[24];
    f_48  =  adf_5[25];
    f_49  =  adf_5[26];
    f_50  =  adf_5[27];
    f_51  =  adf_5[28];
    f_52  =  adf_5[29];
    f_53  =  adf_5[30];
    f_54  =  adf_5[31];
    barrier(CLK_LOCAL_MEM_FENCE);
    f_55  =  f_23 + 0.0F;
    f_56  =  f_55 + f_24;
    f_57  =  f_56 + f_25;
    f_58  =  f_57 + f_26;
    f_59  =  f_58 + f_27;
    f_60  =  f_59 + f_28;
    f_61  =  f_60 + f_29;
    f_62  =  f_61 + f_30;
    f_63  =  f_62 + f_31;
    f_64  =  f_63 + f_32;
    f_65  =  f_64 + f_33;
    f_66  =  f_65 + f_34;
    f_67  =  f_66 + f_35;
    f_68  =  f_67 + f_36;
    f_69  =  f_68 + f_37;
    f_70  =  f_69 + f_38;
    f_71  =  f_70 + f_39;
    f_72  =  f_71 + f_40;
    f_73  =  f_72 + f_41;
    f_74  =  f_73 + f_42;
    f_75  =  f_74 + f_43;
    f_76  =  f_75 + f_44;
    f_77  =  f_76 + f_45;
    f_78  =  f_77 + f_46;
    f_79  =  f_78 + f_47;
    f_80  =  f_79 + f_48;
    f_81  =  f_80 + f_49;
    f_82  =  f_81 + f_50;
    f_83  =  f_82 + f_51;
    f_84  =  f_83 + f_52;
    f_85  =  f_84 + f_53;
    f_86  =  f_85 + f_54;
    f_87  =  f_86 / 3.0F;
    // BLOCK 5 MERGES [4 6 ]
    f_88  =  0.0F;
    i_89  =  i_12;
    for(;i_89 < 3;)
    {
      // BLOCK 6
      i_90  =  i_89 + i_11;
      l_91  =  (long) i_90;
      l_92  =  l_91 + 4L;
      l_93  =  l_92 << 2;
      ul_94  =  ul_1 + l_93;
      f_95  =  *((__global float *) ul_94);
      f_96  =  f_95 - f_87;
      f_97  =  fma(f_96, f_96, f_88);
      i_98  =  i_89 + 32;
      f_88  =  f_97;
      i_89  =  i_98;
    }  // B5
    // BLOCK 7
    adf_5[i_12]  =  f_88;
    barrier(CLK_LOCAL_MEM_FENCE);
    f_99  =  adf_5[0];
    f_100  =  adf_5[1];
    f_101  =  adf_5[2];
    f_102  =  adf_5[3];
    f_103  =  adf_5[4];
    f_104  =  adf_5[5];
    f_105  =  adf_5[6];
    f_106  =  adf_5[7];
    f_107  =  adf_5[8];
    f_108  =  adf_5[9];
    f_109  =  adf_5[10];
    f_110  =  adf_5[11];
    f_111  =  adf_5[12];
    f_112  =  adf_5[13];
    f_113  =  adf_5[14];
    f_114  =  adf_5[15];
    f_115  =  adf_5[16];
    f_116  =  adf_5[17];
    f_117  =  adf_5[18];
    f_118  =  adf_5[19];
    f_119  =  adf_5[20];
    f_120  =  adf_5[21];
    f_121  =  adf_5[22];
    f_122  =  adf_5[23];
    f_123  =  adf_5[24];
    f_124  =  adf_5[25];
    f_125  =  adf_5[26];
    f_126  =  adf_5[27];
    f_127  =  adf_5[28];
    f_128  =  adf_5[29];
    f_129  =  adf_5[30];
    f_130  =  adf_5[31];
    f_131  =  f_99 + 0.0F;
    f_132  =  f_131 + f_100;
    f_133  =  f_132 + f_101;
    f_134  =  f_133 + f_102;
    f_135  =  f_134 + f_103;
    f_136  =  f_135 + f_104;
    f_137  =  f_136 + f_105;
    f_138  =  f_137 + f_106;
    f_139  =  f_138 + f_107;
    f_140  =  f_139 + f_108;
    f_141  =  f_140 + f_109;
    f_142  =  f_141 + f_110;
    f_143  =  f_142 + f_111;
    f_144  =  f_143 + f_112;
    f_145  =  f_144 + f_113;
    f_146  =  f_145 + f_114;
    f_147  =  f_146 + f_115;
    f_148  =  f_147 + f_116;
    f_149  =  f_148 + f_117;
    f_150  =  f_149 + f_118;
    f_151  =  f_150 + f_119;
    f_152  =  f_151 + f_120;
    f_153  =  f_152 + f_121;
    f_154  =  f_153 + f_122;
    f_155  =  f_154 + f_123;
    f_156  =  f_155 + f_124;
    f_157  =  f_156 + f_125;
    f_158  =  f_157 + f_126;
    f_159  =  f_158 + f_127;
    f_160  =  f_159 + f_128;
    f_161  =  f_160 + f_129;
    f_162  =  f_161 + f_130;
    f_163  =  f_162 / 3.0F;
    f_164  =  f_163 + 1.0E-5F;
    f_165  =  rsqrt(f_164);
    // BLOCK 8 MERGES [7 9 ]
    i_166  =  i_12;
    for(;i_166 < 3;)
    {
      // BLOCK 9
      i_167  =  i_166 + i_11;
      l_168  =  (long) i_167;
      l_169  =  l_168 + 4L;
      l_170  =  l_169 << 2;
      ul_171  =  ul_1 + l_170;
      f_172  =  *((__global float *) ul_171);
      l_173  =  (long) i_166;
      l_174  =  l_173 + 4L;
      l_175  =  l_174 << 2;
      ul_176  =  ul_2 + l_175;
      f_177  =  *((__global float *) ul_176);
      ul_178  =  ul_3 + l_175;
      f_179  =  *((__global float *) ul_178);
      ul_180  =  ul_4 + l_170;
      f_181  =  f_172 - f_87;
      f_182  =  f_165 * f_181;
      f_183  =  fma(f_182, f_177, f_179);
      *((__global float *) ul_180)  =  f_183;
      i_184  =  i_166 + 32;
      i_166  =  i_184;
    }  // B8
    // BLOCK 10
  }  // B0
  else
  {
    // BLOCK 11
  }  // B0
  // BLOCK 12 MERGES [11 10 ]
  return;
}  //  kernel
