"""Small good scenario folders as texts, to be broken by small edits; and a way to write texts as a folder."""

from pathlib import Path

GOOD = {
    "scenario.toml": """\
schema = 1
name = "small"
title = "Small line"
time_zone = "Asia/Karachi"
start = 2026-03-02
days = 2
run_out_h = 24

[rules]
crossing_interval_min = 1.5

[cost]
late_freight = 0.2
""",
    "stations.csv": """\
id,name,km,country,province,time_zone,lat,lon,simultaneous_reception,non_simultaneous_arrival_min,kind,note,assumed
quetta,Quetta,0,PK,Balochistan,Asia/Karachi,30.2,67,yes,,junction,,
bostan,Bostan,33,PK,Balochistan,Asia/Karachi,30.4,67,no,5,station,,
gulistan,Gulistan,81,PK,Balochistan,Asia/Karachi,30.6,66.6,no,,station,"loops, both short",length assumed
chaman,Chaman,142,PK,Balochistan,Asia/Karachi,30.9,66.4,yes,,border,,
spin_boldak,Spin Boldak,153,AF,Kandahar,Asia/Kabul,31,66.4,no,,border,,
""",
    "tracks.csv": """\
station,track,kind,length_m,gauges
quetta,1,main,700,1676
quetta,2,loop,700,1676
quetta,3,platform,400,1676
bostan,1,main,600,1676
bostan,2,loop,600,1676
gulistan,1,main,500,1676
gulistan,2,loop,500,1676
chaman,1,main,700,1676
chaman,2,loop,700,1676
chaman,3,yard,700,1676+1520
spin_boldak,1,main,700,1676
spin_boldak,2,main,900,1520
""",
    "sections.csv": """\
id,from,to,length_km,tracks,gauges,speed_freight_kmh,speed_passenger_kmh,blocks
Q-B,quetta,bostan,33,2,1676,60,80,2
B-G,bostan,gulistan,48,1,1676,50,65,1
G-C,gulistan,chaman,61,1,1676,40,55,1
C-S,chaman,spin_boldak,11,1,1676,40,40,1
""",
    "running_times.csv": """\
section,from,train_type,running_min
G-C,gulistan,GOODS,95
""",
    "train_types.csv": """\
id,name,category,length_m,speed_kmh,gauge,start_supplement_min,stop_supplement_min
GOODS,Container train,freight,480,80,1676,2,1
LOCAL,Local train,passenger,200,100,1676,1,1
""",
    "requests.csv": """\
id,number,train_type,from,to,via,direction,departure,earlier_min,later_min,per_day,every_min,weekdays,longest_journey_min,value,mandatory
CONT,C1,GOODS,quetta,chaman,,one,06:00,30,240,2,180,mon-sun,1440,70,no
PAIR,P1,LOCAL,quetta,chaman,bostan,both,07:30,0,60,1,,mon-fri,,60,yes
""",
    "stops.csv": """\
request,station,dwell_min,arrive_from,arrive_until,depart_from,depart_until
PAIR,*,2,,,,
CONT,gulistan,20,,23:30,,05:00+1
""",
    "fixed_paths.csv": """\
train,number,train_type,station,arrival,departure,track
EXTRA,901,LOCAL,chaman,,2026-03-02 15:00,1
EXTRA,901,LOCAL,gulistan,2026-03-02 16:30,2026-03-02 16:32,
EXTRA,901,LOCAL,bostan,2026-03-02 17:30,,2
""",
    "closures.csv": """\
id,section,section_track,station,track,from,until,weekdays,time_zone,reason
works,Q-B,2,,,2026-03-03 10:00,2026-03-03 14:00,,,rail renewal
inspection,B-G,,,,12:00,12:30,mon wed,,track inspection
loop,,,gulistan,2,22:00,04:00,,,
""",
    "daylight.csv": """\
section,province,from,until,time_zone
,Balochistan,06:00,18:00,Asia/Karachi
C-S,,06:30,17:30,
""",
}

YARDS = GOOD | {
    "sections.csv": GOOD["sections.csv"].replace("spin_boldak,11,1,1676", "spin_boldak,11,1,1676+1520"),
    "train_types.csv": """\
id,name,category,length_m,speed_kmh,gauge,wagons
GOODS,Container train,freight,480,80,1676,30
LOCAL,Local train,passenger,200,100,1676,
WIDE,Block train,freight,600,80,1520,40
LIGHT,Light engine,freight,20,80,1676,
""",
    "requests.csv": GOOD["requests.csv"] + "BLOCK,,WIDE,chaman,spin_boldak,,one,14:00,0,600,1,,,,50,no\n",
    "stops.csv": """\
request,station,dwell_min,arrive_from,arrive_until,depart_from,depart_until,process
PAIR,*,2,,,,,
CONT,gulistan,20,,23:30,,05:00+1,
CONT,chaman,,,,,,EXIT
BLOCK,chaman,,,,,,READY
""",
    "closures.csv": """\
id,section,section_track,station,track,yard_resource,from,until,weekdays,time_zone,reason
works,Q-B,2,,,,2026-03-03 10:00,2026-03-03 14:00,,,rail renewal
inspection,B-G,,,,,12:00,12:30,mon wed,,track inspection
loop,,,gulistan,2,,22:00,04:00,,,
holiday,,,,,crane,2026-03-03 12:00,2026-03-03 18:00,,,half a holiday
""",
    "yard_resources.csv": """\
id,station,capacity,at_close,note,assumed
customs,chaman,2,finish,two officers,
crane,chaman,,run_over,,all
""",
    "opening_hours.csv": """\
resource,weekdays,from,until,time_zone
customs,mon-sat,08:00,18:00,
customs,sun,22:00,04:00,Asia/Kabul
""",
    "yard_steps.csv": """\
process,step,resource,tracks,duration_min,per_wagon_min,note,assumed
EXIT,papers,customs,,30,0.5,by the wagon,
EXIT,reloading,crane,2+3,,2.5,,two cranes
READY,brake test,,,40,,,
""",
    "links.csv": """\
id,kind,first,second,first_count,second_count,days_later,least_min,longest_min,if_refused,station,note,assumed
BOXES,transshipment,CONT,BLOCK,2,1,,30,600,run,,two fill one,
RAKE,turn_round,PAIR,PAIR/back,,,1,60,,,,,time
CHANGE,connection,PAIR/back,CONT,,,0,5.5,240,refuse,gulistan,,
""",
    "bankers.csv": """\
id,from,to,train_types,engine_type,engines,least_min,longest_min,note,assumed
KHOJAK,gulistan,chaman,GOODS LOCAL,LIGHT,2,5.5,90,uphill,times
HILL,quetta,bostan,LOCAL,LIGHT,,,,,
""",
}
"""The same with a border yard and bankers: resources, hours, processes and links."""


def write_folder(folder: Path, texts: dict[str, str | bytes]) -> Path:
    """Write texts as the files of a folder; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
